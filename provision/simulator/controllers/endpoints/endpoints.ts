import { timestamp } from '../../clock.ts';
import { isSame } from '../../kinds/json.ts';
import { endpoints, pods, services } from '../../kinds/resources.ts';
import type { Pod, Service } from '../../kinds/types/core.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, namespaceOf, runLoop, splitKey } from '../controller.ts';
import { isReady, isTerminating } from '../pods.ts';
import {
  CHANGE_TIME,
  enqueueServices,
  groupByPorts,
  isManaged,
  labelsFor,
  placeOf,
  servicePods,
} from './service-pods.ts';

const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';

/** Writes the Endpoints of each Service with a selector (Kubernetes documentation, "Service": Endpoints). */
export const endpointsController: Controller = {
  name: 'endpoint-controller',
  start: (context) =>
    runLoop(context, {
      sync: (key) => sync(context, key),
      watch: (queue) => [
        context.client.watch(services, enqueue(queue)),
        context.client.watch(pods, enqueueServices(queue, context)),
        context.client.watch(endpoints, enqueue(queue)),
      ],
    }),
};

async function sync(context: ControllerContext, key: string): Promise<void> {
  const { client } = context;
  const { namespace, name } = splitKey(key);
  const service = client.get(services, name, namespace);
  const current = client.get(endpoints, name, namespace);
  if (!service) {
    // Endpoints that somebody made for a Service to come stay.
    if (current?.metadata.labels?.[MANAGED_BY] !== undefined) {
      await client.delete(endpoints, { name, namespace });
    }
    return;
  }
  if (!isManaged(service) || isTerminating(service)) return;
  const labels = labelsFor(service, { [MANAGED_BY]: 'endpoint-controller' });
  const subsets = subsetsOf(service, servicePods(context, service));
  const isRight =
    current && isSame(current.subsets ?? [], subsets) && isSame(current.metadata.labels, labels);
  if (isRight) return;
  const changed = { [CHANGE_TIME]: timestamp(context.clock) };
  const content = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    ...(subsets.length > 0 && { subsets }),
  };
  if (current) {
    const annotations = { ...current.metadata.annotations, ...changed };
    const metadata = { ...current.metadata, labels, annotations };
    await client.update(endpoints, { ...content, metadata });
  } else {
    const metadata = { name, namespace: namespaceOf(service), labels, annotations: changed };
    await client.create(endpoints, { ...content, metadata });
  }
}

/** Pods with the same ports together, ready and not ready apart. */
function subsetsOf(service: Service, all: readonly Pod[]) {
  const publishesAll = service.spec.publishNotReadyAddresses === true;
  const shown = all.filter((pod) => publishesAll || !isTerminating(pod));
  // A port that the pod does not have is no endpoint; a headless Service may have none at all.
  const groups = groupByPorts(service, shown).filter(
    ({ ports }) => ports.length > 0 || (service.spec.ports ?? []).length === 0,
  );
  return groups.map(({ ports, pods: members }) => {
    const ready = members.filter((pod) => publishesAll || isReady(pod));
    const notReady = members.filter((pod) => !ready.includes(pod));
    return {
      ...(ready.length > 0 && { addresses: addressesOf(service, ready) }),
      ...(notReady.length > 0 && { notReadyAddresses: addressesOf(service, notReady) }),
      ...(ports.length > 0 && { ports }),
    };
  });
}

function addressesOf(service: Service, members: readonly Pod[]) {
  return members
    .map((pod) => ({ ip: pod.status.podIP ?? '', ...placeOf(service, pod) }))
    .toSorted((a, b) => (a.ip < b.ip ? -1 : 1));
}
