/** Query parameters and bodies that say how a write is done (apimachinery, meta/v1/validation). */
import type { ApiError } from '../../../client/api-error.ts';
import type { FieldError } from '../../../kinds/kind.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { invalid } from '../../errors.ts';
import { FIELD_MANAGER_LIMIT_LENGTH } from '../../limits.ts';
import { at, stringAt, stringsAt } from '../../objects/json.ts';
import { PATCH_TYPES } from '../../rest/patch.ts';

const OPTIONS: Readonly<Record<string, string>> = {
  POST: 'CreateOptions',
  PUT: 'UpdateOptions',
  PATCH: 'PatchOptions',
};
const VALIDATIONS = ['', 'Ignore', 'Warn', 'Strict'];

/** Why the query of a POST, PUT or PATCH is refused; undefined when it is not. */
export function writeOptionsError(
  method: string,
  query: URLSearchParams,
  contentType: string,
): ApiError | undefined {
  const options = OPTIONS[method];
  if (options === undefined) return undefined;
  const validation = query.get('fieldValidation') ?? '';
  const errors = [
    ...(method === 'PATCH' ? patchErrors(query, contentType) : []),
    ...managerErrors(query.get('fieldManager') ?? ''),
    ...dryRunErrors(query.getAll('dryRun')),
    ...(VALIDATIONS.includes(validation)
      ? []
      : [notSupported('fieldValidation', validation, VALIDATIONS.toSorted())]),
  ];
  return refusal(options, errors);
}

/** Why the options of a deletion are refused; undefined when they are not. */
export function deleteOptionsError(options: JsonObject): ApiError | undefined {
  const policy = stringAt(options, 'propagationPolicy');
  const errors: FieldError[] = [];
  if (policy !== undefined && typeof at(options, 'orphanDependents') === 'boolean') {
    errors.push({
      field: 'propagationPolicy',
      type: 'Invalid',
      message: `Invalid value: ${JSON.stringify(policy)}: orphanDependents and deletionPropagation cannot be both set`,
    });
  }
  if (policy !== undefined && !POLICIES.slice(0, 3).includes(policy)) {
    errors.push(notSupported('propagationPolicy', policy, POLICIES));
  }
  return refusal('DeleteOptions', [...errors, ...dryRunErrors(stringsAt(options, 'dryRun'))]);
}

const POLICIES = ['Foreground', 'Background', 'Orphan', 'nil'];

function refusal(options: string, errors: readonly FieldError[]): ApiError | undefined {
  if (errors.length === 0) return undefined;
  return invalid({ group: 'meta.k8s.io', kind: options }, '', errors);
}

function patchErrors(query: URLSearchParams, contentType: string): readonly FieldError[] {
  if (contentType !== PATCH_TYPES.apply) {
    if (!query.has('force')) return [];
    const message = 'Forbidden: may not be specified for non-apply patch';
    return [{ field: 'force', type: 'Forbidden', message }];
  }
  if ((query.get('fieldManager') ?? '') !== '') return [];
  const message = 'Required value: is required for apply patch';
  return [{ field: 'fieldManager', type: 'Required', message }];
}

function managerErrors(manager: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (Buffer.byteLength(manager) > FIELD_MANAGER_LIMIT_LENGTH) {
    const message = `Too long: may not be more than ${FIELD_MANAGER_LIMIT_LENGTH} bytes`;
    errors.push({ field: 'fieldManager', type: 'TooLong', message });
  }
  let position = 0;
  for (const sign of manager) {
    if (!/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(sign)) {
      const code = (sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      const why = `invalid character U+${code} (at position ${position})`;
      const message = `Invalid value: ${JSON.stringify(manager)}: ${why}`;
      errors.push({ field: 'fieldManager', type: 'Invalid', message });
    }
    position += Buffer.byteLength(sign);
  }
  return errors;
}

function dryRunErrors(values: readonly string[]): readonly FieldError[] {
  return values.every((value) => value === 'All') ? [] : [notSupported('dryRun', values, ['All'])];
}

function notSupported(
  field: string,
  value: string | readonly string[],
  supported: readonly string[],
): FieldError {
  const names = supported.map((name) => JSON.stringify(name)).join(', ');
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${names}`;
  return { field, type: 'NotSupported', message };
}
