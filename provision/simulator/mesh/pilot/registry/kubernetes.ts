import type { Node, Pod, Service } from '../../../kinds/types/core.ts';
import type { EndpointSlice } from '../../../kinds/types/discovery.ts';
import type { Endpoint } from '../../xds/endpoint.ts';
import { protocolOf } from './protocol.ts';
import type { MeshPort, MeshService } from './service.ts';
import { localityOf, workloadOf } from './workload.ts';

/** The objects that the mesh's services are made from. */
export interface KubernetesObjects {
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  readonly pods: readonly Pod[];
  readonly nodes: readonly Node[];
}

/** Kubernetes' Services as the mesh sees them, with their ready endpoints. */
export function kubernetesServices(objects: KubernetesObjects): readonly MeshService[] {
  const slices = Map.groupBy(
    objects.slices,
    ({ metadata }) =>
      `${metadata.namespace ?? ''}/${metadata.labels?.['kubernetes.io/service-name'] ?? ''}`,
  );
  const places = placesOf(objects);
  return objects.services
    .filter(({ spec }) => spec.type !== 'ExternalName')
    .map(({ metadata, spec }): MeshService => {
      const { name, namespace = 'default', annotations = {} } = metadata;
      const own = slices.get(`${namespace}/${name}`) ?? [];
      const ports = (spec.ports ?? []).map((port): MeshPort => ({
        number: port.port,
        name: port.name ?? '',
        protocol: protocolOf(port),
        endpoints: endpointsOf(port.name ?? '', own, places),
      }));
      const ip = spec.clusterIP;
      return {
        host: `${name}.${namespace}.svc.cluster.local`,
        name,
        namespace,
        source: 'Kubernetes',
        addresses: ip === undefined || ip === '' || ip === 'None' ? [] : [ip],
        // Clients of a headless Service choose a pod themselves, and the proxy leaves it at that.
        resolution: ip === 'None' ? 'PASSTHROUGH' : 'CLIENT_SIDE',
        isExternal: false,
        exportTo: listed(annotations['networking.istio.io/exportTo']),
        ports,
        createdAt: metadata.creationTimestamp,
      };
    });
}

type Places = ReadonlyMap<
  string | undefined,
  Pick<Endpoint, 'labels' | 'workload' | 'hasSidecar' | 'locality'>
>;

/** Remembered by pod: most pods are the same from one change of the mesh to the next. */
const placeOfPod = new WeakMap<Pod, Pick<Endpoint, 'labels' | 'workload' | 'hasSidecar'>>();

function placesOf({ pods, nodes }: KubernetesObjects): Places {
  const labelsOf = new Map(nodes.map(({ metadata }) => [metadata.name, metadata.labels]));
  return new Map(
    pods.map((pod) => {
      let place = placeOfPod.get(pod);
      if (!place) {
        const labels = pod.metadata.labels ?? {};
        const hasSidecar = labels['security.istio.io/tlsMode'] === 'istio';
        place = { labels, workload: workloadOf(pod), hasSidecar };
        placeOfPod.set(pod, place);
      }
      const locality = localityOf(pod, labelsOf.get(pod.spec.nodeName ?? ''));
      return [pod.status.podIP, locality ? { ...place, locality } : place];
    }),
  );
}

function endpointsOf(
  portName: string,
  slices: readonly EndpointSlice[],
  places: Places,
): readonly Endpoint[] {
  return slices.flatMap((slice) => {
    const port = slice.ports?.find(({ name }) => (name ?? '') === portName)?.port;
    if (port === undefined) return [];
    return slice.endpoints
      .filter(({ conditions }) => conditions?.ready !== false)
      .flatMap(({ addresses }) => addresses)
      .map((ip): Endpoint => {
        const place = places.get(ip) ?? { labels: {}, workload: undefined, hasSidecar: false };
        return { ip, port, ...place };
      });
  });
}

function listed(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
