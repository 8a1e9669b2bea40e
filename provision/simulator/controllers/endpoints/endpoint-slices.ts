import { timestamp } from '../../clock.ts';
import { isSame } from '../../kinds/json.ts';
import { endpointSlices, pods, services } from '../../kinds/resources.ts';
import type { Pod, Service } from '../../kinds/types/core.ts';
import type { EndpointSlice } from '../../kinds/types/discovery.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, runLoop, splitKey, targetOf } from '../controller.ts';
import { ENDPOINTS_PER_SLICE } from '../limits.ts';
import { controllerReference } from '../owners.ts';
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
import { SliceOwner } from './slice-owner.ts';

const OWN = new SliceOwner('endpointslice-controller.k8s.io');

/** Writes the EndpointSlices of each Service with a selector (Kubernetes documentation, "EndpointSlices"). */
export const endpointSliceController: Controller = {
  name: 'endpoint-slice-controller',
  start: (context) =>
    runLoop(context, {
      sync: (key) => sync(context, key),
      watch: (queue) => [
        context.client.watch(services, enqueue(queue)),
        context.client.watch(pods, enqueueServices(queue, context)),
        context.client.watch(endpointSlices, OWN.enqueue(queue)),
      ],
    }),
};

async function sync(context: ControllerContext, key: string): Promise<void> {
  const { client } = context;
  const { namespace, name } = splitKey(key);
  const service = client.get(services, name, namespace);
  const existing = OWN.slicesOf(client, namespace, name);
  if (service && isTerminating(service)) return;
  const wanted =
    service && isManaged(service) ? slicesOf(service, servicePods(context, service)) : [];
  const plan = planSlices(existing, wanted);
  for (const slice of plan.surplus) await client.delete(endpointSlices, targetOf(slice));
  if (!service) return;
  const changed = { [CHANGE_TIME]: timestamp(context.clock) };
  const labels = labelsFor(service, OWN.labels(name));
  for (const { slice, content } of plan.kept) {
    const isRight = isSame(contentOf(slice), content) && isSame(slice.metadata.labels, labels);
    if (isRight) continue;
    await client.update(endpointSlices, {
      ...slice,
      ...content,
      metadata: {
        ...slice.metadata,
        labels,
        annotations: { ...slice.metadata.annotations, ...changed },
      },
    });
  }
  for (const content of plan.missing) {
    await client.create(endpointSlices, {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        generateName: `${name}-`,
        namespace,
        labels,
        annotations: changed,
        ownerReferences: [controllerReference(service)],
      },
      ...content,
    });
  }
}

type Content = Pick<EndpointSlice, 'addressType' | 'endpoints'> & {
  readonly ports: NonNullable<EndpointSlice['ports']>;
};

function contentOf({ addressType, endpoints, ports }: EndpointSlice): Content {
  return { addressType, endpoints: endpoints ?? [], ports: ports ?? [] };
}

/** Pods with the same ports together, at most 100 in a slice; one empty slice when there is nobody. */
function slicesOf(service: Service, all: readonly Pod[]): readonly Content[] {
  const addressType = 'IPv4' as const;
  if (all.length === 0) return [{ addressType, endpoints: [], ports: [] }];
  return groupByPorts(service, all).flatMap(({ ports, pods: members }) =>
    chunks(members).map((chunk) => ({
      addressType,
      endpoints: chunk.map((pod) => endpointOf(service, pod)),
      ports: ports.map(({ name = '', ...port }) => ({ name, ...port })),
    })),
  );
}

function chunks(members: readonly Pod[]): readonly (readonly Pod[])[] {
  const count = Math.ceil(members.length / ENDPOINTS_PER_SLICE);
  return Array.from({ length: count }, (_, index) =>
    members.slice(index * ENDPOINTS_PER_SLICE, (index + 1) * ENDPOINTS_PER_SLICE),
  );
}

function endpointOf(service: Service, pod: Pod) {
  const terminating = isTerminating(pod);
  const serving = isReady(pod);
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  return {
    addresses: [pod.status.podIP ?? ''],
    conditions: { ready, serving, terminating },
    ...placeOf(service, pod),
  };
}

interface SlicePlan {
  readonly kept: readonly { readonly slice: EndpointSlice; readonly content: Content }[];
  readonly missing: readonly Content[];
  readonly surplus: readonly EndpointSlice[];
}

/** Uses the slices there are: one with the same ports first, then any. */
function planSlices(existing: readonly EndpointSlice[], wanted: readonly Content[]): SlicePlan {
  const free = new Set(existing.filter(({ metadata }) => metadata.deletionTimestamp === undefined));
  const kept: { readonly slice: EndpointSlice; readonly content: Content }[] = [];
  const unplaced: Content[] = [];
  for (const content of wanted) {
    const slice = [...free].find((one) => isSame(one.ports ?? [], content.ports));
    if (slice) {
      free.delete(slice);
      kept.push({ slice, content });
    } else unplaced.push(content);
  }
  const missing: Content[] = [];
  for (const content of unplaced) {
    const [slice] = free;
    if (slice) {
      free.delete(slice);
      kept.push({ slice, content });
    } else missing.push(content);
  }
  return { kept, missing, surplus: [...free] };
}
