import type { WatchEvent } from '../../client/client.ts';
import type { Labels } from '../../kinds/object.ts';
import { pods, services } from '../../kinds/resources.ts';
import { matchesLabels } from '../../kinds/selectors/labels.ts';
import type { Pod, Service, ServicePort } from '../../kinds/types/core.ts';
import { type ControllerContext, keyOf, namespaceOf } from '../controller.ts';
import { isFinished, isReady } from '../pods.ts';
import type { WorkQueue } from '../work-queue.ts';

/** Says when what is behind a Service changed, so that the way of a change through the cluster can be measured. */
export const CHANGE_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

/** What of a pod shows in endpoints: only a change of these moves anything. */
interface Shown {
  readonly labels: Pod['metadata']['labels'];
  readonly text: string;
}

/**
 * A watch listener that queues the Services which select a pod, or did until now. Changes of a pod that no endpoint
 * shows are passed over, as upstream's podEndpointsChanged.
 */
export function enqueueServices(
  queue: WorkQueue,
  { client }: ControllerContext,
): (event: WatchEvent<Pod>) => void {
  const known = new Map<string, Shown>();
  return ({ type, object }) => {
    const { uid } = object.metadata;
    const before = known.get(uid);
    const shown = { labels: object.metadata.labels, text: shownText(object) };
    if (type === 'DELETED') known.delete(uid);
    else known.set(uid, shown);
    if (type !== 'DELETED' && before?.text === shown.text) return;
    for (const service of client.list(services, { namespace: namespaceOf(object) })) {
      const { selector } = service.spec;
      if (!selector) continue;
      const isConcerned =
        matchesLabels(selector, shown.labels) ||
        (before !== undefined && matchesLabels(selector, before.labels));
      if (isConcerned) queue.add(keyOf(service));
    }
  };
}

function shownText(pod: Pod): string {
  const { labels, deletionTimestamp } = pod.metadata;
  const { nodeName, hostname, subdomain } = pod.spec;
  const { podIP, phase } = pod.status;
  const isLeaving = deletionTimestamp !== undefined;
  return JSON.stringify([
    labels,
    isLeaving,
    nodeName,
    hostname,
    subdomain,
    podIP,
    isReady(pod),
    phase,
  ]);
}

/** The pods behind a Service that have an address and have not ended, in order of their names. */
export function servicePods({ client }: ControllerContext, service: Service): readonly Pod[] {
  return client
    .list(pods, { namespace: namespaceOf(service) })
    .filter(
      (pod) =>
        matchesLabels(service.spec.selector, pod.metadata.labels) &&
        (pod.status.podIP ?? '') !== '' &&
        !isFinished(pod),
    );
}

/** Whether the control plane looks after the Service's endpoints; without a selector they are somebody else's. */
export function isManaged(service: Service): boolean {
  return service.spec.selector !== undefined && service.spec.type !== 'ExternalName';
}

/** The labels of what is written for a Service: its own, and those that say who wrote it and for what. */
export function labelsFor({ metadata, spec }: Service, marks: Labels): Labels {
  return {
    ...metadata.labels,
    ...marks,
    ...(spec.clusterIP === 'None' && { 'service.kubernetes.io/headless': '' }),
  };
}

/** A port as endpoints show it: the number that the pod listens on. */
interface PodPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: string;
  readonly appProtocol?: string;
}

/** Pods that have the Service's ports under the same numbers. */
interface PortGroup {
  readonly ports: readonly PodPort[];
  readonly pods: readonly Pod[];
}

export function groupByPorts(service: Service, all: readonly Pod[]): readonly PortGroup[] {
  const groups = new Map<string, { readonly ports: readonly PodPort[]; readonly pods: Pod[] }>();
  for (const pod of all) {
    const ports = portsOf(service, pod);
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, pods: [] };
    groups.set(key, group);
    group.pods.push(pod);
  }
  return [...groups.values()];
}

/** The Service's ports as this pod has them; a port named like none of the pod's is left out. */
function portsOf(service: Service, pod: Pod): readonly PodPort[] {
  return (service.spec.ports ?? []).flatMap((servicePort) => {
    const port = numberOf(servicePort, pod);
    if (port === undefined) return [];
    const { name, protocol = 'TCP', appProtocol } = servicePort;
    return [
      {
        ...(name !== undefined && { name }),
        port,
        protocol,
        ...(appProtocol !== undefined && { appProtocol }),
      },
    ];
  });
}

function numberOf({ port, targetPort, protocol = 'TCP' }: ServicePort, pod: Pod) {
  if (typeof targetPort === 'number') return targetPort === 0 ? port : targetPort;
  if (targetPort === undefined || targetPort === '') return port;
  const sidecars = (pod.spec.initContainers ?? []).filter(
    ({ restartPolicy }) => restartPolicy === 'Always',
  );
  return [...pod.spec.containers, ...sidecars]
    .flatMap(({ ports = [] }) => ports)
    .find((one) => one.name === targetPort && (one.protocol ?? 'TCP') === protocol)?.containerPort;
}

/** Where an endpoint points: its pod, node and, inside a headless Service, host name. */
export function placeOf(service: Service, pod: Pod) {
  const { hostname, subdomain, nodeName } = pod.spec;
  const { name, uid } = pod.metadata;
  const namespace = namespaceOf(pod);
  return {
    ...(hostname !== undefined && subdomain === service.metadata.name && { hostname }),
    ...(nodeName !== undefined && { nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}
