/** What a LIST or WATCH asks for (apimachinery, internalversion/validation; apiserver, storage: ValidateListOptions). */
import type { FieldError } from '../../../kinds/kind.ts';
import { badRequest, invalid } from '../../errors.ts';
import { isTrue } from '../requests/request-info.ts';

/** The parameters of a LIST or WATCH, read. */
export interface ListOptions {
  /** At most so many items; 0 for all. */
  readonly limit: number;
  /** Empty when the list begins. */
  readonly continueToken: string;
  /** Empty for the newest state. */
  readonly version: string;
  readonly match: string;
  /** Seconds; 0 when the client sets no end. */
  readonly timeoutSeconds: number;
  /** Undefined when the client says nothing about it. */
  readonly sendInitialEvents: boolean | undefined;
  readonly allowsBookmarks: boolean;
}

/**
 * Reads the parameters of a list or a watch.
 * @throws ApiError 400 for what cannot be read, 422 for parameters that do not go together
 */
export function readListOptions(query: URLSearchParams, isWatch: boolean): ListOptions {
  const initial = query.get('sendInitialEvents');
  const options = {
    limit: integer(query.get('limit')),
    continueToken: query.get('continue') ?? '',
    version: query.get('resourceVersion') ?? '',
    match: query.get('resourceVersionMatch') ?? '',
    timeoutSeconds: integer(query.get('timeoutSeconds')),
    sendInitialEvents: initial === null ? undefined : isTrue(initial),
    allowsBookmarks: isTrue(query.get('allowWatchBookmarks')),
  };
  const errors = isWatch ? watchErrors(options) : listErrors(options);
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
  return options;
}

/** A resourceVersion as a number; undefined for what is none, with what upstream's parser says of it. */
export function parseVersion(text: string): number | { readonly problem: string } {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const quoted = JSON.stringify(text);
  const why = /^\d+$/.test(text) ? 'value out of range' : 'invalid syntax';
  return {
    problem: `Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: ${why}`,
  };
}

function listErrors(options: ListOptions): readonly FieldError[] {
  const { match, version, continueToken, sendInitialEvents } = options;
  const errors: FieldError[] = [];
  if (match !== '') {
    if (version === '') {
      errors.push(
        forbidden(MATCH, 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
      );
    }
    if (continueToken !== '') errors.push(forbidden(MATCH, WITH_CONTINUE));
    if (match !== EXACT && match !== NOT_OLDER) {
      errors.push(unsupported(match, [EXACT, NOT_OLDER, '']));
    }
    if (match === EXACT && version === '0') {
      errors.push(
        forbidden(MATCH, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
      );
    }
  }
  if (sendInitialEvents !== undefined) {
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  return errors;
}

function watchErrors({ match, continueToken, sendInitialEvents }: ListOptions) {
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined && match !== NOT_OLDER) {
    errors.push(
      forbidden(MATCH, `sendInitialEvents requires setting resourceVersionMatch to ${NOT_OLDER}`),
    );
  }
  if (match === '') return errors;
  if (sendInitialEvents === undefined) {
    const why = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';
    errors.push(forbidden(MATCH, why));
  }
  if (match !== NOT_OLDER) errors.push(unsupported(match, [NOT_OLDER]));
  if (continueToken !== '') errors.push(forbidden(MATCH, WITH_CONTINUE));
  return errors;
}

const MATCH = 'resourceVersionMatch';
const EXACT = 'Exact';
const NOT_OLDER = 'NotOlderThan';
const WITH_CONTINUE = 'resourceVersionMatch is forbidden when continue is provided';

function forbidden(field: string, why: string): FieldError {
  return { field, type: 'Forbidden', message: `Forbidden: ${why}` };
}

function unsupported(value: string, supported: readonly string[]): FieldError {
  const names = supported.map((name) => JSON.stringify(name)).join(', ');
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${names}`;
  return { field: MATCH, type: 'NotSupported', message };
}

function integer(text: string | null): number {
  if (text === null || text === '') return 0;
  if (!/^[+-]?\d+$/.test(text)) {
    const quoted = JSON.stringify(text);
    throw badRequest(`strconv.ParseInt: parsing ${quoted}: invalid syntax`);
  }
  return Math.max(0, Number(text));
}
