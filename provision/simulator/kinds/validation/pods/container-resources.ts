/** Requests and limits of containers and pods. */
import { asText, numberAt, objectAt } from '../../json.ts';
import type { FieldError } from '../../kind.ts';
import type { Json, JsonObject } from '../../object.ts';
import { compareQuantities, isQuantity, quantityValue } from '../../values/quantity.ts';
import { invalid, invalids, required } from '../fields/field-errors.ts';
import { qualifiedNameProblems } from '../fields/names.ts';
import { NOT_NEGATIVE } from '../fields/numbers.ts';

/** What they are called, how much, and that no request is above its limit. */
export function resourceErrors(resources: JsonObject, field: string): readonly FieldError[] {
  const limits = objectAt(resources, 'limits');
  const requests = objectAt(resources, 'requests');
  return [
    ...Object.entries(limits).flatMap(([name, amount]) =>
      amountErrors(name, amount, `${field}.limits[${name}]`),
    ),
    ...Object.entries(requests).flatMap(([name, request]) => [
      ...amountErrors(name, request, `${field}.requests[${name}]`),
      ...limitErrors({ name, request, limit: limits[name] }, field),
    ]),
  ];
}

/** Names that every container may use; others carry a domain. */
const CONTAINER_RESOURCES = ['cpu', 'memory', 'ephemeral-storage'];
/** Names that mean something elsewhere, mostly in quotas. */
const QUOTA_NAMES = new Set([
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'services.nodeports',
  'services.loadbalancers',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'storage',
]);

/** Whether a quota may limit the resource: the names above, storage of a class, and counts of any resource. */
export function isQuotaResource(name: string): boolean {
  const isOther = name.startsWith('count/') || name.startsWith('requests.hugepages-');
  return isOther || CONTAINER_RESOURCES.includes(name) || QUOTA_NAMES.has(name);
}

function amountErrors(
  name: string,
  amount: Json | undefined,
  field: string,
): readonly FieldError[] {
  return [...nameErrors(name, field), ...valueErrors(name, amount, field)];
}

function nameErrors(name: string, field: string): readonly FieldError[] {
  const problems = qualifiedNameProblems(name);
  if (name.includes('/')) return invalids(field, name, problems);
  const isOfContainers = CONTAINER_RESOURCES.includes(name) || name.startsWith('hugepages-');
  if (isOfContainers) return invalids(field, name, problems);
  const isStandard = QUOTA_NAMES.has(name) || problems.length > 0;
  return [
    ...invalids(field, name, problems),
    ...(isStandard
      ? []
      : [invalid(field, name, 'must be a standard resource type or fully qualified')]),
    invalid(field, name, 'must be a standard resource for containers'),
  ];
}

function valueErrors(name: string, amount: Json | undefined, field: string): readonly FieldError[] {
  if (!isAmount(amount)) return [];
  const isWhole = Number.isInteger(quantityValue(amount));
  return [
    ...(quantityValue(amount) < 0 ? [invalid(field, asText(amount), NOT_NEGATIVE)] : []),
    ...(name.includes('/') && !isWhole ? [invalid(field, amount, 'must be an integer')] : []),
  ];
}

function limitErrors(
  {
    name,
    request,
    limit,
  }: {
    readonly name: string;
    readonly request: Json | undefined;
    readonly limit: Json | undefined;
  },
  field: string,
): readonly FieldError[] {
  // Devices and huge pages are there or not: nobody can have more than was asked for.
  const isOvercommitted = !name.includes('/') && !name.startsWith('hugepages-');
  if (!isAmount(request)) return [];
  if (!isAmount(limit)) {
    return isOvercommitted
      ? []
      : [required(`${field}.limits`, 'Limit must be set for non overcommitable resources')];
  }
  const order = compareQuantities(request, limit);
  if (order === 0 || (isOvercommitted && order < 0)) return [];
  const relation = isOvercommitted ? 'less than or equal to' : 'equal to';
  return [
    invalid(
      `${field}.requests`,
      asText(request),
      `must be ${relation} ${name} limit of ${asText(limit)}`,
    ),
  ];
}

function isAmount(value: Json | undefined): value is string | number {
  return (typeof value === 'string' || typeof value === 'number') && isQuantity(asText(value));
}

/** User and group ids of a security context. */
export function identityErrors(
  context: JsonObject,
  field: string,
  keys: readonly string[],
): readonly FieldError[] {
  return keys.flatMap((key) => {
    const id = numberAt(context, key) ?? 0;
    return id >= 0 && id <= MAX_ID
      ? []
      : [invalid(`${field}.${key}`, id, `must be between 0 and ${MAX_ID}, inclusive`)];
  });
}

const MAX_ID = 2_147_483_647;
