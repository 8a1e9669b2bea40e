import { isSame } from '../../kinds/json.ts';
import { endpoints, endpointSlices, services } from '../../kinds/resources.ts';
import type { EndpointAddress, Endpoints } from '../../kinds/types/core.ts';
import type { EndpointSlice } from '../../kinds/types/discovery.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, runLoop, splitKey, targetOf } from '../controller.ts';
import { ENDPOINTS_PER_SLICE } from '../limits.ts';
import { controllerReference } from '../owners.ts';
import { SliceOwner } from './slice-owner.ts';

const OWN = new SliceOwner('endpointslicemirroring-controller.k8s.io');
const SKIP = 'endpointslice.kubernetes.io/skip-mirror';

/**
 * Copies Endpoints that somebody wrote for a Service without a selector into EndpointSlices, which is all that kube-proxy
 * reads (Kubernetes documentation, "EndpointSlices": EndpointSlice mirroring).
 */
export const endpointSliceMirroringController: Controller = {
  name: 'endpoint-slice-mirroring-controller',
  start: (context) =>
    runLoop(context, {
      sync: (key) => sync(context, key),
      watch: (queue) => [
        context.client.watch(endpoints, enqueue(queue)),
        context.client.watch(services, enqueue(queue)),
        context.client.watch(endpointSlices, OWN.enqueue(queue)),
      ],
    }),
};

async function sync({ client }: ControllerContext, key: string): Promise<void> {
  const { namespace, name } = splitKey(key);
  const service = client.get(services, name, namespace);
  const source = client.get(endpoints, name, namespace);
  const existing = OWN.slicesOf(client, namespace, name);
  const isMirrored =
    service !== undefined &&
    source !== undefined &&
    service.spec.selector === undefined &&
    source.metadata.labels?.[SKIP] !== 'true';
  const wanted = isMirrored ? slicesOf(source) : [];
  for (const slice of existing.slice(wanted.length)) {
    await client.delete(endpointSlices, targetOf(slice));
  }
  if (!isMirrored) return;
  const { labels: own } = source.metadata;
  const labels = { ...own, ...OWN.labels(name) };
  for (const [index, content] of wanted.entries()) {
    const slice = existing[index];
    if (!slice) {
      const ownerReferences = [controllerReference(source)];
      const metadata = { generateName: `${name}-`, namespace, labels, ownerReferences };
      const head = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata };
      await client.create(endpointSlices, { ...head, ...content });
    } else if (!isRight(slice, content, labels)) {
      const metadata = { ...slice.metadata, labels };
      await client.update(endpointSlices, { ...slice, ...content, metadata });
    }
  }
}

function isRight(slice: EndpointSlice, content: Content, labels: object): boolean {
  return (
    isSame(slice.metadata.labels, labels) &&
    isSame(slice.endpoints, content.endpoints) &&
    isSame(slice.ports ?? [], content.ports)
  );
}

type Content = Pick<EndpointSlice, 'addressType' | 'endpoints'> & {
  readonly ports: NonNullable<EndpointSlice['ports']>;
};

function slicesOf({ subsets = [] }: Endpoints): readonly Content[] {
  return subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }) => {
    const all = [
      ...addresses.map((address) => endpointOf(address, true)),
      ...notReadyAddresses.map((address) => endpointOf(address, false)),
    ];
    const count = Math.ceil(all.length / ENDPOINTS_PER_SLICE);
    return Array.from({ length: count }, (_, index) => ({
      addressType: 'IPv4' as const,
      endpoints: all.slice(index * ENDPOINTS_PER_SLICE, (index + 1) * ENDPOINTS_PER_SLICE),
      ports: ports.map(({ name = '', protocol = 'TCP', ...port }) => ({ name, protocol, ...port })),
    }));
  });
}

function endpointOf({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean) {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname !== undefined && { hostname }),
    ...(nodeName !== undefined && { nodeName }),
    ...(targetRef && { targetRef }),
  };
}
