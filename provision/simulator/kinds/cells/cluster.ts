import { asText, at, isObject, listAt, objectAt, stringAt } from '../json.ts';
import type { Json, JsonObject, KubeObject } from '../object.ts';
/** Cells of nodes, events, quotas, bindings and other objects that describe the cluster. */
import { age } from '../values/age.ts';
import { conditionAt } from './conditions.ts';

/** `Ready`, `NotReady,SchedulingDisabled` … */
export function nodeStatus(node: KubeObject): string {
  const ready = conditionAt(node, 'Ready');
  const status = stringAt(ready, 'status');
  const word = ready === undefined ? 'Unknown' : status === 'True' ? 'Ready' : 'NotReady';
  return objectAt(node, 'spec')['unschedulable'] === true ? `${word},SchedulingDisabled` : word;
}

const ROLE_PREFIX = 'node-role.kubernetes.io/';
const ROLE_LABEL = 'kubernetes.io/role';

/** `control-plane`, from the labels that say so. */
export function nodeRoles(node: KubeObject): string {
  const roles = Object.entries(node.metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(ROLE_PREFIX)) return [key.slice(ROLE_PREFIX.length)];
    return key === ROLE_LABEL && value !== '' ? [value] : [];
  });
  const named = [...new Set(roles.filter((role) => role !== ''))].toSorted();
  return named.length === 0 ? '<none>' : named.join(',');
}

/** An address of a node by type: `InternalIP`. */
export function nodeAddress(node: KubeObject, type: string): string {
  const found = listAt(node, 'status', 'addresses').find(
    (address) => stringAt(address, 'type') === type,
  );
  return stringAt(found, 'address') || '<none>';
}

/** `pod/web-1`. */
export function eventObject(event: KubeObject): string {
  const involved = involvedObject(event);
  const kind = stringAt(involved, 'kind').toLowerCase();
  const name = stringAt(involved, 'name');
  return name === '' ? kind : `${kind}/${name}`;
}

/** The reference to what an event is about, of core/v1 events and those of events.k8s.io. */
export function involvedObject(event: KubeObject): JsonObject {
  return objectAt(event, event.apiVersion === 'v1' ? 'involvedObject' : 'regarding');
}

/** When an event was last seen, as an age. */
export function eventLastSeen(event: KubeObject, nowMs: number): string {
  if (isObject(at(event, 'series'))) {
    return age(stringAt(event, 'series', 'lastObservedTime'), nowMs);
  }
  const time = eventTime(event, 'lastTimestamp', 'deprecatedLastTimestamp');
  return time === '' ? eventFirstSeen(event, nowMs) : age(time, nowMs);
}

/** When an event was first seen, as an age. */
export function eventFirstSeen(event: KubeObject, nowMs: number): string {
  const time =
    eventTime(event, 'firstTimestamp', 'deprecatedFirstTimestamp') || stringAt(event, 'eventTime');
  return age(time, nowMs);
}

/** `kubelet, node01`. */
export function eventSource(event: KubeObject): string {
  const source = objectAt(event, event.apiVersion === 'v1' ? 'source' : 'deprecatedSource');
  const component =
    stringAt(source, 'component') ||
    stringAt(event, 'reportingComponent') ||
    stringAt(event, 'reportingController');
  const host = stringAt(source, 'host') || stringAt(event, 'reportingInstance');
  return host === '' ? component : `${component}, ${host}`;
}

/** `pods: 1/10, requests.cpu: 100m/1`; the limits of a quota have a column of their own. */
export function quotaText(quota: KubeObject, isLimits: boolean): string {
  const hard = objectAt(quota, 'status', 'hard');
  const used = objectAt(quota, 'status', 'used');
  return Object.keys(hard)
    .filter((name) => name.startsWith('limits.') === isLimits)
    .toSorted()
    .map((name) => `${name}: ${asText(used[name] ?? '0')}/${asText(hard[name])}`)
    .join(', ');
}

/** `ClusterRole/view`. */
export function roleText(binding: KubeObject): string {
  return `${stringAt(binding, 'roleRef', 'kind')}/${stringAt(binding, 'roleRef', 'name')}`;
}

/** Names of a binding's subjects of one kind; service accounts with their namespace. */
export function subjectsText(binding: KubeObject, kind: string): string {
  return listAt(binding, 'subjects')
    .filter((subject) => stringAt(subject, 'kind') === kind)
    .map((subject) => {
      const name = stringAt(subject, 'name');
      return kind === 'ServiceAccount' ? `${stringAt(subject, 'namespace')}/${name}` : name;
    })
    .join(', ');
}

/** `Pending`, `Approved,Issued` … */
export function signingRequestCondition(request: KubeObject): string {
  const types = listAt(request, 'status', 'conditions').map((condition) =>
    stringAt(condition, 'type'),
  );
  const decision = types.includes('Denied')
    ? 'Denied'
    : types.includes('Approved')
      ? 'Approved'
      : 'Pending';
  const failed = types.includes('Failed') ? ',Failed' : '';
  const issued = stringAt(request, 'status', 'certificate') === '' ? '' : ',Issued';
  return `${decision}${failed}${issued}`;
}

/** `RWO,ROX`. */
export function accessModes(modes: readonly Json[]): string {
  const short = new Set(modes.map(asText));
  return ACCESS_MODES.filter(([mode]) => short.has(mode))
    .map(([, text]) => text)
    .join(',');
}

const ACCESS_MODES = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
] as const;

/** The phase of a volume or claim, `Terminating` once it is to be deleted. */
export function storagePhase(object: KubeObject): string {
  return object.metadata.deletionTimestamp === undefined
    ? stringAt(object, 'status', 'phase')
    : 'Terminating';
}

/** How many keys the maps have together. */
export function keyCount(...maps: readonly unknown[]): number {
  return maps.reduce<number>(
    (total, map) => total + (isObject(map) ? Object.keys(map).length : 0),
    0,
  );
}

function eventTime(event: KubeObject, coreField: string, newField: string): string {
  return stringAt(event, event.apiVersion === 'v1' ? coreField : newField);
}
