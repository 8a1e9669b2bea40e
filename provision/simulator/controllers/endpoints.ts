import type { ClusterClient } from '../client/client.ts';
import { matchesLabels } from '../kinds/labels.ts';
import { endpoints, endpointSlices, pods, services } from '../kinds/resources.ts';
import type { Pod, Service, ServicePort } from '../kinds/types/core.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { isReady, isTerminating, ownedBy } from './pods.ts';
import { isSame } from './replica-set.ts';
import { keyOf, splitKey, WorkQueue } from './work-queue.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const MANAGER = 'endpointslice-controller.k8s.io';
/** Letters that make no words, as in names that the API server generates. */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * Tells who stands behind a Service, as Endpoints and as EndpointSlices
 * (https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/).
 */
export const endpointsController: Controller = {
  name: 'endpoints',
  start(context) {
    const { client, clock } = context;
    const stack = new DisposableStack();
    const queue = stack.use(new WorkQueue(clock, (key) => reconcile(context, key)));
    const ofPod = (pod: Pod) => {
      for (const service of client.list(services, {
        namespace: pod.metadata.namespace ?? 'default',
      })) {
        if (service.spec.selector) queue.add(keyOf(service));
      }
    };
    stack.use(client.watch(services, ({ object }) => queue.add(keyOf(object))));
    stack.use(client.watch(pods, ({ object }) => ofPod(object)));
    return stack;
  },
};

async function reconcile(context: ControllerContext, key: string): Promise<void> {
  const { client } = context;
  const { namespace, name } = splitKey(key);
  const service = client.get(services, name, namespace);
  // Without a selector the endpoints are somebody else's; those of a Service that is gone go with it.
  if (!service?.spec.selector || service.metadata.deletionTimestamp) {
    if (!service) await deleteEndpoints(client, namespace, name);
    return;
  }
  const selected = client
    .list(pods, { namespace })
    .filter(
      (pod) =>
        matchesLabels(service.spec.selector, pod.metadata.labels) && pod.status.podIP !== undefined,
    )
    .filter(({ status }) => status.phase !== 'Succeeded' && status.phase !== 'Failed')
    .toSorted((a, b) => a.metadata.name.localeCompare(b.metadata.name));
  await writeEndpoints(client, service, selected);
  await writeSlice(context, service, selected);
}

async function deleteEndpoints(
  client: ClusterClient,
  namespace: string,
  name: string,
): Promise<void> {
  if (client.get(endpoints, name, namespace)) await client.delete(endpoints, { name, namespace });
}

async function writeEndpoints(
  client: ClusterClient,
  service: Service,
  selected: readonly Pod[],
): Promise<void> {
  const { name, namespace = 'default' } = service.metadata;
  const live = selected.filter((pod) => !isTerminating(pod));
  const ready = live.filter((pod) => isReady(pod) || service.spec.publishNotReadyAddresses);
  const notReady = live.filter((pod) => !ready.includes(pod));
  const ports = portsFor(service, live[0]);
  const subset = {
    ...(ready.length > 0 && { addresses: ready.map(addressOf) }),
    ...(notReady.length > 0 && { notReadyAddresses: notReady.map(addressOf) }),
    ...(ports.length > 0 && { ports }),
  };
  const subsets = live.length > 0 ? [subset] : undefined;
  const current = client.get(endpoints, name, namespace);
  if (current && isSame(current.subsets ?? [], subsets ?? [])) return;
  const object = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      ...(current?.metadata ?? { name, namespace, labels: service.metadata.labels ?? {} }),
    },
    ...(subsets && { subsets }),
  };
  await (current ? client.update(endpoints, object) : client.create(endpoints, object));
}

async function writeSlice(
  { client, random }: ControllerContext,
  service: Service,
  selected: readonly Pod[],
): Promise<void> {
  const { name, namespace = 'default' } = service.metadata;
  const current = client
    .list(endpointSlices, { namespace, labelSelector: `${SERVICE_NAME}=${name}` })
    .find(({ metadata }) => metadata.labels?.[MANAGED_BY] === MANAGER);
  const content = {
    addressType: 'IPv4' as const,
    endpoints: selected.map((pod) => endpointOf(service, pod)),
    ports: portsFor(service, selected[0]).map(({ name: portName = '', ...port }) => ({
      name: portName,
      ...port,
    })),
  };
  const same = current && {
    addressType: current.addressType,
    endpoints: current.endpoints,
    ports: current.ports ?? [],
  };
  if (same && isSame(same, content)) return;
  const labels = { ...service.metadata.labels, [SERVICE_NAME]: name, [MANAGED_BY]: MANAGER };
  const metadata = current?.metadata ?? {
    name: `${name}-${suffix(random)}`,
    namespace,
    labels,
    ownerReferences: ownedBy(service),
  };
  const object = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, ...content };
  await (current ? client.update(endpointSlices, object) : client.create(endpointSlices, object));
}

function suffix(random: () => number): string {
  return Array.from({ length: 5 }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join('');
}

function endpointOf(service: Service, pod: Pod) {
  const terminating = isTerminating(pod);
  const serving = isReady(pod);
  const ready = (serving && !terminating) || service.spec.publishNotReadyAddresses === true;
  return {
    addresses: [pod.status.podIP ?? ''],
    conditions: { ready, serving, terminating },
    ...(pod.spec.nodeName !== undefined && { nodeName: pod.spec.nodeName }),
    targetRef: targetOf(pod),
  };
}

function addressOf(pod: Pod) {
  return {
    ip: pod.status.podIP ?? '',
    ...(pod.spec.nodeName !== undefined && { nodeName: pod.spec.nodeName }),
    targetRef: targetOf(pod),
  };
}

function targetOf({ metadata }: Pod) {
  return {
    kind: 'Pod',
    namespace: metadata.namespace ?? 'default',
    name: metadata.name,
    uid: metadata.uid,
  };
}

/** Ports with the numbers that the pods use; a name that no container has leaves its port out. */
function portsFor(service: Service, pod: Pod | undefined) {
  return (service.spec.ports ?? []).flatMap((port) => {
    const number = targetPort(port, pod);
    if (number === undefined) return [];
    return [
      {
        ...(port.name !== undefined && { name: port.name }),
        port: number,
        protocol: port.protocol ?? 'TCP',
        ...(port.appProtocol !== undefined && { appProtocol: port.appProtocol }),
      },
    ];
  });
}

function targetPort(
  { port, targetPort: target = port }: ServicePort,
  pod: Pod | undefined,
): number | undefined {
  if (typeof target === 'number') return target;
  const containers = [...(pod?.spec.initContainers ?? []), ...(pod?.spec.containers ?? [])];
  return containers
    .flatMap((container) => container.ports ?? [])
    .find(({ name }) => name === target)?.containerPort;
}
