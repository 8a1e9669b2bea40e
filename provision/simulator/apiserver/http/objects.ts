import type { Kind } from '../../kinds/kind.ts';
import type { KubeObject } from '../../kinds/object.ts';
import { authorize, refusal } from '../auth/rbac.ts';
import { notFound } from '../errors.ts';
import { managerOf } from '../managed-fields/track.ts';
import { toVersion } from '../objects/convert.ts';
import { withValue } from '../objects/json.ts';
import type { Call, Written } from '../rest/context.ts';
import { createObject } from '../rest/create.ts';
import { PATCH_TYPES, patchObject } from '../rest/patch.ts';
import { addressed, readObject } from '../rest/prepare.ts';
import { isCreatedByUpdate } from '../rest/strategy.ts';
import { updateObject } from '../rest/update.ts';
import { storageKey } from '../served-kinds.ts';
import { sendJson, type Exchange } from './exchange.ts';
import { inForm } from './reads/forms.ts';
import { formOf } from './requests/accept.ts';
import { decodePlain, mediaType, readBytes, readObjectBody } from './requests/body.ts';
import { attributesOf, isTrue, type ResourceInfo } from './requests/request-info.ts';
import { writeOptionsError } from './requests/request-options.ts';

/** The object that the URL names. */
export function find(
  { context }: Pick<Exchange, 'context'>,
  kind: Kind,
  { namespace, name }: ResourceInfo,
): KubeObject {
  const stored = context.core.store.get(storageKey(kind), scopeOf(kind, namespace), name);
  if (!stored) throw notFound(kind, name);
  return toVersion(stored, kind);
}

/** Where the object is that the URL names. */
export function targetOf(kind: Kind, { namespace, name }: ResourceInfo) {
  return { namespace: scopeOf(kind, namespace), name };
}

/**
 * What the query says of a write.
 * @throws ApiError 422 for options that upstream refuses
 */
export function callOf(
  { query, user, request }: Exchange,
  decodingProblems: readonly string[] = [],
): Call {
  const error = writeOptionsError(request.method ?? '', query, mediaType(request));
  if (error) throw error;
  const validation = query.get('fieldValidation');
  return {
    user,
    isDryRun: query.has('dryRun'),
    fieldManager: managerOf(query.get('fieldManager'), request.headers['user-agent']),
    fieldValidation: validation === 'Strict' || validation === 'Ignore' ? validation : 'Warn',
    isInternal: false,
    decodingProblems,
    warnings: [],
  };
}

/** How an object is sent. */
export interface Answer {
  /** HTTP status. Default 200. */
  readonly code?: number;
  /** Texts for Warning headers. */
  readonly warnings?: readonly string[];
}

/** Sends an object in the form the client asked for. */
export function sendObject(
  exchange: Exchange,
  kind: Kind,
  object: KubeObject,
  { code = 200, warnings = [] }: Answer = {},
): void {
  const form = formOf(exchange.request.headers.accept);
  const body = form === 'object' ? object : inForm(exchange, kind, object, form);
  sendJson(exchange.response, code, body, warnings);
}

/** The namespace of a request as the store knows it. */
export function scopeOf(kind: Kind, namespace: string): string {
  return kind.isNamespaced ? namespace : '';
}

/**
 * Checks that who may update or patch may also create, when that is what it comes to.
 * @throws ApiError 403
 */
function mayCreate({ context, user }: Exchange, info: ResourceInfo): void {
  const attributes = attributesOf({ ...info, verb: 'create' });
  const { isAllowed, reason } = authorize(context.core.store, user, attributes);
  if (!isAllowed) throw refusal(user, attributes, reason);
}

/** Carries out a PUT of an object or of one of its parts, and sends what it left. */
export async function sendUpdate(
  exchange: Exchange,
  kind: Kind,
  info: ResourceInfo,
): Promise<void> {
  const { value, problems } = await readObjectBody(exchange.request, kind.kind);
  const call = callOf(exchange, problems);
  const target = targetOf(kind, info);
  const body = readObject(kind, addressed(value, target), call);
  const { subresource } = info;
  const { core } = exchange.context;
  const isMissing = !core.store.get(storageKey(kind), target.namespace, target.name);
  if (isMissing && subresource === '' && isCreatedByUpdate(kind)) {
    mayCreate(exchange, info);
    const fresh = withValue(body, ['metadata', 'resourceVersion'], undefined);
    const created = await createObject(core, { kind, target, body: fresh, call });
    return sendObject(exchange, kind, created, { code: 201, warnings: call.warnings });
  }
  const request = { kind, target, subresource, change: () => body, call, isConditional: true };
  const object = await updateObject(core, request);
  sendObject(exchange, kind, object, { warnings: call.warnings });
}

/** Carries out a PATCH of an object or of one of its parts. */
export async function sendPatch(
  exchange: Exchange,
  kind: Kind,
  info: ResourceInfo,
  call: Call,
): Promise<Written> {
  const { request, query, context } = exchange;
  const type = mediaType(request);
  const { value, problems } = decodePlain(await readBytes(request), type);
  const target = targetOf(kind, info);
  const { store } = context.core;
  if (
    type === PATCH_TYPES.apply &&
    info.subresource === '' &&
    !store.get(storageKey(kind), target.namespace, target.name)
  ) {
    mayCreate(exchange, info);
  }
  return patchObject(context.core, {
    kind,
    target,
    subresource: info.subresource,
    type,
    patch: value,
    isForced: isTrue(query.get('force')),
    call: { ...call, decodingProblems: problems },
  });
}
