import { matchesLabels } from '../../../kinds/selectors/labels.ts';
import type { Service, ServicePort } from '../../../kinds/types/core.ts';
import type { EndpointSlice } from '../../../kinds/types/discovery.ts';
import { fullHost } from '../../hosts.ts';
import type { WorkloadEntry } from '../../istio/service-entry.ts';
import type { Endpoint } from '../../xds/endpoint.ts';
import { Derived } from '../derived.ts';
import { type Place, placeOfEntry, type Places, UNKNOWN_PLACE } from './places.ts';
import { protocolOf } from './protocol.ts';
import type { MeshPort, MeshService } from './service.ts';

/** The objects that the mesh's services are made from. */
export interface KubernetesObjects {
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  readonly workloadEntries: readonly WorkloadEntry[];
  readonly places: Places;
}

/**
 * Kubernetes' Services as the mesh sees them, with their ready endpoints. A Service of which nothing has changed is the same object as
 * before, so that what was made from it still counts.
 */
export function kubernetesServices(objects: KubernetesObjects): readonly MeshService[] {
  const slices = Map.groupBy(
    objects.slices,
    ({ metadata }) =>
      `${metadata.namespace ?? ''}/${metadata.labels?.['kubernetes.io/service-name'] ?? ''}`,
  );
  const entries = Map.groupBy(objects.workloadEntries, ({ metadata }) => metadata.namespace);
  return objects.services
    .filter(({ spec }) => spec.type !== 'ExternalName')
    .map((service) => {
      const { name, namespace } = service.metadata;
      const selected = service.spec.selector
        ? (entries.get(namespace) ?? []).filter(({ spec }) =>
            matchesLabels(service.spec.selector, spec?.labels),
          )
        : [];
      return meshService(service, {
        slices: slices.get(`${namespace ?? 'default'}/${name}`) ?? [],
        entries: selected,
        places: objects.places,
      });
    });
}

interface Behind {
  readonly slices: readonly EndpointSlice[];
  readonly entries: readonly WorkloadEntry[];
  readonly places: Places;
}

const knownServices = new WeakMap<Service, Derived<MeshService>>();

function meshService(service: Service, behind: Behind): MeshService {
  const from = [...behind.slices, ...behind.entries, ...placesUsed(behind)];
  let known = knownServices.get(service);
  if (!known) knownServices.set(service, (known = new Derived()));
  return known.of(from, () => newService(service, behind));
}

function placesUsed({ slices, places }: Behind): readonly Place[] {
  return slices.flatMap((slice) =>
    slice.endpoints.flatMap(({ addresses }) =>
      addresses.map((ip) => places.get(ip) ?? UNKNOWN_PLACE),
    ),
  );
}

function newService({ metadata, spec }: Service, behind: Behind): MeshService {
  const { name, namespace = 'default', annotations = {} } = metadata;
  const ip = spec.clusterIP;
  return {
    host: fullHost(name, namespace),
    name,
    namespace,
    source: 'Kubernetes',
    addresses: ip === undefined || ip === '' || ip === 'None' ? [] : [ip],
    // Clients of a headless Service choose a pod themselves, and the proxy leaves it at that.
    resolution: ip === 'None' ? 'PASSTHROUGH' : 'CLIENT_SIDE',
    isExternal: false,
    exportTo: listed(annotations['networking.istio.io/exportTo']),
    ports: (spec.ports ?? []).map((port): MeshPort => ({
      number: port.port,
      name: port.name ?? '',
      protocol: protocolOf(port),
      endpoints: [...podEndpoints(port, behind), ...entryEndpoints(port, behind.entries)],
    })),
    createdAt: metadata.creationTimestamp,
  };
}

function podEndpoints(port: ServicePort, { slices, places }: Behind): readonly Endpoint[] {
  return slices.flatMap((slice) => {
    const number = slice.ports?.find(({ name }) => (name ?? '') === (port.name ?? ''))?.port;
    if (number === undefined) return [];
    return slice.endpoints
      .filter(({ conditions }) => conditions?.ready !== false)
      .flatMap(({ addresses }) => addresses)
      .map((ip): Endpoint => ({ ip, port: number, ...(places.get(ip) ?? UNKNOWN_PLACE) }));
  });
}

/** A Service selects WorkloadEntries of its namespace as it does pods. */
function entryEndpoints(
  { name = '', port, targetPort }: ServicePort,
  entries: readonly WorkloadEntry[],
): readonly Endpoint[] {
  return entries.flatMap((entry): Endpoint[] => {
    const { spec = {} } = entry;
    const named = spec.ports?.[name] ?? spec.ports?.[String(targetPort ?? '')];
    const number = named ?? (typeof targetPort === 'number' ? targetPort : port);
    return [{ ip: spec.address ?? '', port: number, ...placeOfEntry(spec, entry) }];
  });
}

function listed(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
