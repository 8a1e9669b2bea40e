/** Refusals in upstream's words (apimachinery, pkg/api/errors and apiserver, pkg/endpoints/handlers/responsewriters). */
import { ApiError, type StatusBody } from '../client/api-error.ts';
import type { FieldError, Kind } from '../kinds/kind.ts';

/** Names a resource in messages: `deployments.apps`, `pods`. */
export interface GroupResource {
  readonly group: string;
  readonly plural: string;
}

/** `deployments.apps`; the core group has no suffix. */
function qualified({ group, plural }: GroupResource): string {
  return group === '' ? plural : `${plural}.${group}`;
}

export function notFound(resource: GroupResource, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${qualified(resource)} "${name}" not found`, {
    name,
    ...groupOf(resource.group),
    kind: resource.plural,
  });
}

/** What upstream answers for a path below a served group that names no resource. */
export function unknownResource(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function alreadyExists(resource: GroupResource, name: string): ApiError {
  return new ApiError(409, 'AlreadyExists', `${qualified(resource)} "${name}" already exists`, {
    name,
    ...groupOf(resource.group),
    kind: resource.plural,
  });
}

export function conflict(resource: GroupResource, name: string, why: string): ApiError {
  return new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`,
    { name, ...groupOf(resource.group), kind: resource.plural },
  );
}

/** The conflict of a write that is based on an outdated object. */
export function stale(resource: GroupResource, name: string): ApiError {
  return conflict(
    resource,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  );
}

export function invalid(
  kind: Pick<Kind, 'group' | 'kind'>,
  name: string,
  errors: readonly FieldError[],
): ApiError {
  const texts = errors.map((error) => `${error.field}: ${error.message}`);
  const all = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const label = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  return new ApiError(422, 'Invalid', `${label} "${name}" is invalid: ${all}`, {
    ...(name !== '' && { name }),
    ...groupOf(kind.group),
    kind: kind.kind,
    causes: errors.map((error) => ({
      reason: CAUSES[error.type],
      message: error.message,
      field: error.field,
    })),
  });
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}

/** What a request is answered with when it went wrong: our own mistakes are said to be the server's. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return internalError(error instanceof Error ? error.message : String(error));
}

export function internalError(message: string): ApiError {
  return new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, {
    causes: [{ message }],
  });
}

/** An error that upstream passes on without a reason: clients show the bare message. */
export function unexplained(message: string): ApiError {
  return new ApiError(500, '', message);
}

export function forbidden(resource: GroupResource, name: string, why: string): ApiError {
  const subject = name === '' ? qualified(resource) : `${qualified(resource)} "${name}"`;
  return new ApiError(403, 'Forbidden', `${subject} is forbidden: ${why}`, {
    ...(name !== '' && { name }),
    ...groupOf(resource.group),
    kind: resource.plural,
  });
}

export function unauthorized(): ApiError {
  return new ApiError(401, 'Unauthorized', 'Unauthorized');
}

export function methodNotAllowed(): ApiError {
  return new ApiError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}

/** The answer to a body in a form that the request cannot have. */
export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  return new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );
}

export function tooLarge(limitBytes: number): ApiError {
  return new ApiError(
    413,
    'RequestEntityTooLarge',
    `Request entity too large: limit is ${limitBytes}`,
  );
}

/** A list at a revision of which the state is no longer known. */
export function expiredList(): ApiError {
  return new ApiError(410, 'Expired', 'The resourceVersion for the provided list is too old.');
}

class ExpiredContinueError extends ApiError {
  readonly #token: string;

  constructor(message: string, token: string) {
    super(410, 'Expired', message);
    this.#token = token;
  }

  override toStatus(): StatusBody {
    return { ...super.toStatus(), metadata: { continue: this.#token } };
  }
}

/** The rest of a list whose state is no longer known; `token` goes on from the newest one. */
export function expiredContinue(token: string): ApiError {
  return new ExpiredContinueError(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    token,
  );
}

/** An answer in a form that the client takes and we do not have. */
export function notAcceptable(accepted: readonly string[]): ApiError {
  return new ApiError(
    406,
    'NotAcceptable',
    `only the following media types are accepted: ${accepted.join(', ')}`,
  );
}

/** A watch from before the oldest known revision. */
export function expired(asked: number, oldest: number): ApiError {
  return new ApiError(410, 'Expired', `too old resource version: ${asked} (${oldest})`);
}

export function versionTooLarge(asked: number, current: number): ApiError {
  return new ApiError(
    504,
    'Timeout',
    `Timeout: Too large resource version: ${asked}, current: ${current}`,
    {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  );
}

/** The answer to a request that takes longer than requests may. */
export function timedOut(): ApiError {
  return new ApiError(
    504,
    'Timeout',
    'Timeout: request did not complete within the allotted timeout',
    {},
  );
}

export function unavailable(message: string): ApiError {
  return new ApiError(503, 'ServiceUnavailable', message);
}

export function tooManyRequests(
  message: string,
  causes: readonly { reason: string; message: string }[],
): ApiError {
  return new ApiError(429, 'TooManyRequests', message, { causes });
}

/** A webhook's denial; `code` and `reason` are the webhook's own when it gave some. */
export function deniedByWebhook(
  webhook: string,
  status: { readonly message?: string; readonly reason?: string; readonly code?: number },
): ApiError {
  const why =
    status.message !== undefined && status.message !== ''
      ? `: ${status.message}`
      : status.reason !== undefined && status.reason !== ''
        ? `: ${status.reason}`
        : ' without explanation';
  const code = status.code !== undefined && status.code >= 400 ? status.code : 400;
  return new ApiError(
    code,
    status.reason ?? '',
    `admission webhook "${webhook}" denied the request${why}`,
  );
}

const CAUSES: Readonly<Record<FieldError['type'], string>> = {
  Required: 'FieldValueRequired',
  Invalid: 'FieldValueInvalid',
  NotSupported: 'FieldValueNotSupported',
  Duplicate: 'FieldValueDuplicate',
  Forbidden: 'FieldValueForbidden',
  TooLong: 'FieldValueTooLong',
  TypeInvalid: 'FieldValueTypeInvalid',
};

function groupOf(group: string): { group?: string } {
  return group === '' ? {} : { group };
}
