import { at, listAt, numberAt, stringAt, stringMapAt } from '../json.ts';
/** What an object uses of the names that a ResourceQuota may limit (Kubernetes documentation, "Resource Quotas"). */
import type { JsonObject } from '../object.ts';
import { podAmounts, type Amounts } from './pod-resources.ts';

/** Quantities by the names that quotas use: `pods`, `requests.cpu`, `count/deployments.apps`. */
export type Usage = Readonly<Record<string, string>>;

/** Kinds that are counted under their plain name as well, as quotas did before they knew `count/`. */
const PLAINLY_COUNTED = new Set([
  'configmaps',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]);
const ONE = '1';

/** What one object of a resource (`apps/deployments`) uses; finished pods use nothing but their place in etcd. */
export function usageOf(resource: string, object: JsonObject, nowMs: number): Usage {
  const [group = '', plural = ''] = resource.split('/');
  const counted = { [countName(group, plural)]: ONE };
  if (resource === '/pods') return { ...counted, ...podUsage(object, nowMs) };
  if (resource === '/services') return { ...counted, ...serviceUsage(object) };
  if (resource === '/persistentvolumeclaims') return { ...counted, ...claimUsage(object) };
  return group === '' && PLAINLY_COUNTED.has(plural) ? { ...counted, [plural]: ONE } : counted;
}

/** Whether a quota's name may be about objects of the resource. */
export function concerns(resource: string, name: string): boolean {
  const [group = '', plural = ''] = resource.split('/');
  if (name === countName(group, plural)) return true;
  if (resource === '/pods') return name === 'pods' || isComputeName(name);
  if (resource === '/services') return name === 'services' || name.startsWith('services.');
  if (resource === '/persistentvolumeclaims') {
    return name === plural || name === 'requests.storage' || name.includes(STORAGE_CLASS);
  }
  return group === '' && PLAINLY_COUNTED.has(plural) && name === plural;
}

/** Names that each container of a pod has to say something about when a quota limits them. */
export const COMPELLING: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
]);

/** Amounts of requests and limits by the names of quotas. */
export function computeUsage(requests: Amounts, limits: Amounts): Usage {
  const usage: Record<string, string> = {};
  for (const [name, amount] of Object.entries(requests)) {
    usage[`requests.${name}`] = amount;
    if (PLAIN_RESOURCES.has(name) || name.startsWith('hugepages-')) usage[name] = amount;
  }
  for (const [name, amount] of Object.entries(limits)) {
    if (PLAIN_RESOURCES.has(name)) usage[`limits.${name}`] = amount;
  }
  return usage;
}

/** Whether the pod counts: it has not ended, and the time it was given to end has not passed. */
function isCounted(pod: JsonObject, nowMs: number): boolean {
  const phase = stringAt(pod, 'status', 'phase');
  if (phase === 'Succeeded' || phase === 'Failed') return false;
  const deletion = stringAt(pod, 'metadata', 'deletionTimestamp');
  if (deletion === '') return true;
  // The deletion's time includes the grace period, and upstream waits for as long again.
  const graceMs = (numberAt(pod, 'metadata', 'deletionGracePeriodSeconds') ?? 0) * 1_000;
  return nowMs <= Date.parse(deletion) + graceMs;
}

const PLAIN_RESOURCES = new Set(['cpu', 'memory', 'ephemeral-storage']);
const STORAGE_CLASS = '.storageclass.storage.k8s.io/';

function countName(group: string, plural: string): string {
  return `count/${plural}${group === '' ? '' : `.${group}`}`;
}

function isComputeName(name: string): boolean {
  if (PLAIN_RESOURCES.has(name) || name.startsWith('hugepages-')) return true;
  return (
    (name.startsWith('requests.') && name !== 'requests.storage') || name.startsWith('limits.')
  );
}

function podUsage(pod: JsonObject, nowMs: number): Usage {
  if (!isCounted(pod, nowMs)) return {};
  return { pods: ONE, ...computeUsage(podAmounts(pod, 'requests'), podAmounts(pod, 'limits')) };
}

function serviceUsage(service: JsonObject): Usage {
  const type = stringAt(service, 'spec', 'type');
  const ports = listAt(service, 'spec', 'ports').length;
  const isBalanced = type === 'LoadBalancer';
  const isWithoutNodePorts = at(service, 'spec', 'allocateLoadBalancerNodePorts') === false;
  const nodePorts =
    isBalanced && isWithoutNodePorts
      ? listAt(service, 'spec', 'ports').filter((port) => numberAt(port, 'nodePort')).length
      : ports;
  return {
    services: ONE,
    ...(type === 'NodePort' && { 'services.nodeports': String(ports) }),
    ...(isBalanced && {
      'services.loadbalancers': ONE,
      'services.nodeports': String(nodePorts),
    }),
  };
}

function claimUsage(claim: JsonObject): Usage {
  const className = stringAt(claim, 'spec', 'storageClassName');
  const asked = stringMapAt(claim, 'spec', 'resources', 'requests')['storage'];
  const ofClass = `${className}${STORAGE_CLASS}`;
  return {
    persistentvolumeclaims: ONE,
    ...(asked !== undefined && { 'requests.storage': asked }),
    ...(className !== '' && { [`${ofClass}persistentvolumeclaims`]: ONE }),
    ...(className !== '' && asked !== undefined && { [`${ofClass}requests.storage`]: asked }),
  };
}
