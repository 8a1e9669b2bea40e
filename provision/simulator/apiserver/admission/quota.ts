import type { ApiError } from '../../client/api-error.ts';
import type { Clock } from '../../clock.ts';
import type { JsonObject, KubeObject } from '../../kinds/object.ts';
import { amountsOf } from '../../kinds/quota/pod-resources.ts';
import { isInScope } from '../../kinds/quota/scopes.ts';
import {
  COMPELLING,
  computeUsage,
  concerns,
  usageOf,
  type Usage,
} from '../../kinds/quota/usage.ts';
import {
  canonicalQuantity,
  compareQuantities,
  differenceOf,
  sumQuantities,
} from '../../kinds/values/quantity.ts';
import { forbidden } from '../errors.ts';
import { asJson, listAt, stringAt, stringMapAt, withValue } from '../objects/json.ts';
import { atRevision } from '../rest/prepare.ts';
import { storageKey } from '../served-kinds.ts';
import type { Store } from '../store/store.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

const QUOTAS = '/resourcequotas';
/** Kinds whose changes may use more; all others count when they are made. */
const GROWING = new Set(['/pods', '/services', '/persistentvolumeclaims']);
/** Never counted, as upstream's default configuration has it. */
const IGNORED = new Set(['/events', 'events.k8s.io/events']);

/**
 * Keeps namespaces within their quotas (Kubernetes documentation, "Resource Quotas"). What is used is written down in the
 * same turn as the object, so that requests at the same time cannot exceed a quota together; the controller gives back
 * what is deleted.
 */
export function resourceQuotas(store: Store, clock: Clock): AdmissionPlugin {
  return {
    charge(request) {
      const { kind, namespace, operation, subresource } = request;
      const resource = storageKey(kind);
      const isCounted = operation === 'CREATE' || (operation === 'UPDATE' && GROWING.has(resource));
      if (namespace === '' || subresource !== '' || !isCounted || IGNORED.has(resource)) {
        return undefined;
      }
      const quotas = store.list(QUOTAS, namespace).items;
      if (quotas.length === 0) return undefined;
      const charged = chargeAll(quotas, request, clock.now());
      return () => {
        for (const quota of charged) store.put(QUOTAS, atRevision(quota));
      };
    },
  };
}

/** The quotas as they are when the request is granted; those that it does not concern are left out. */
function chargeAll(
  quotas: readonly KubeObject[],
  request: AdmissionRequest,
  nowMs: number,
): readonly JsonObject[] {
  const resource = storageKey(request.kind);
  const object = request.object ?? {};
  const usage = usageOf(resource, object, nowMs);
  return quotas.flatMap((quota) => {
    const hard = stringMapAt(quota, 'status', 'hard');
    const names = Object.keys(hard).filter((name) => concerns(resource, name));
    if (names.length === 0 || !isInScope(quota, resource, object)) return [];
    checkConstraints(quota, request, names);
    const used = stringMapAt(quota, 'status', 'used');
    const unknown = names.filter((name) => used[name] === undefined);
    if (unknown.length > 0) {
      const { name } = quota.metadata;
      throw refused(request, `status unknown for quota: ${name}, resources: ${unknown.join(',')}`);
    }
    const before =
      request.oldObject && isInScope(quota, resource, request.oldObject)
        ? usageOf(resource, request.oldObject, nowMs)
        : {};
    const more = growth(usage, before, names);
    if (Object.keys(more).length === 0) return [];
    checkRoom(quota, request, more);
    const now = Object.fromEntries(
      Object.entries(used).map(([name, amount]) => {
        const added = more[name];
        return [name, added === undefined ? amount : sumQuantities([amount, added])];
      }),
    );
    return [withValue(asJson(quota), ['status', 'used'], now)];
  });
}

/** What is used now and was not before, of some names; what would be given back is the controller's to count. */
function growth(now: Usage, before: Usage, names: readonly string[]): Usage {
  const more: Record<string, string> = {};
  for (const name of names) {
    const amount = now[name];
    if (amount === undefined) continue;
    const difference = differenceOf(amount, before[name] ?? '0');
    if (compareQuantities(difference, '0') > 0) more[name] = difference;
  }
  return more;
}

function checkRoom(quota: KubeObject, request: AdmissionRequest, more: Usage): void {
  const hard = stringMapAt(quota, 'status', 'hard');
  const used = stringMapAt(quota, 'status', 'used');
  const exceeded = Object.keys(more)
    .filter((name) => {
      const after = sumQuantities([used[name] ?? '0', more[name] ?? '0']);
      return compareQuantities(after, hard[name] ?? '0') > 0;
    })
    .toSorted();
  if (exceeded.length === 0) return;
  const text = (amounts: Usage) =>
    exceeded.map((name) => `${name}=${plain(amounts[name] ?? '0')}`).join(',');
  throw refused(
    request,
    `exceeded quota: ${quota.metadata.name}, requested: ${text(more)}, used: ${text(used)}, limited: ${text(hard)}`,
  );
}

/** A quota for requests or limits compels each container to state them. */
function checkConstraints(
  quota: KubeObject,
  request: AdmissionRequest,
  names: readonly string[],
): void {
  const { kind, object } = request;
  if (storageKey(kind) !== '/pods') return;
  const containers = [
    ...listAt(object, 'spec', 'containers'),
    ...listAt(object, 'spec', 'initContainers'),
  ];
  const missing = names
    .filter((name) => COMPELLING.has(name))
    .toSorted()
    .flatMap((name) => {
      const silent = containers.filter((container) => {
        const own = computeUsage(amountsOf(container, 'requests'), amountsOf(container, 'limits'));
        return own[name] === undefined;
      });
      const silentNames = silent.map((container) => stringAt(container, 'name') ?? '').toSorted();
      return silent.length === 0 ? [] : [`${name} for: ${silentNames.join(',')}`];
    });
  if (missing.length === 0) return;
  throw refused(
    request,
    `failed quota: ${quota.metadata.name}: must specify ${missing.join('; ')}`,
  );
}

function refused({ kind, name }: AdmissionRequest, why: string): ApiError {
  return forbidden(kind, name, why);
}

function plain(quantity: string): string {
  return canonicalQuantity(quantity) ?? quantity;
}
