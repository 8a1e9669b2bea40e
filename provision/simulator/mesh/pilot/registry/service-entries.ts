import { matchesLabels } from '../../../kinds/selectors/labels.ts';
import type { Pod } from '../../../kinds/types/core.ts';
import type {
  ServiceEntry,
  ServiceEntryPort,
  WorkloadEntry,
  WorkloadEntrySpec,
} from '../../istio/service-entry.ts';
import type { Endpoint } from '../../xds/endpoint.ts';
import { placeOfEntry, type Places, UNKNOWN_PLACE } from './places.ts';
import { protocolNamed } from './protocol.ts';
import type { MeshPort, MeshService, Resolution } from './service.ts';

/** What ServiceEntries are made into services from. */
export interface ServiceEntryObjects {
  /** Oldest first. */
  readonly entries: readonly ServiceEntry[];
  readonly workloadEntries: readonly WorkloadEntry[];
  /** Asked only when some entry selects workloads. */
  readonly pods: readonly Pod[];
  readonly places: Places;
}

type Spec = NonNullable<ServiceEntry['spec']>;

/** Of entries that select nothing: their services are the same as long as the entry is. */
const known = new WeakMap<ServiceEntry, readonly MeshService[]>();

/** One service for each host of each ServiceEntry (https://istio.io/latest/docs/reference/config/networking/service-entry/). */
export function serviceEntryServices(objects: ServiceEntryObjects): readonly MeshService[] {
  return objects.entries.flatMap((entry) => {
    if (entry.spec?.workloadSelector) return servicesOf(entry, objects);
    let services = known.get(entry);
    if (!services) known.set(entry, (services = servicesOf(entry, objects)));
    return services;
  });
}

function servicesOf(entry: ServiceEntry, objects: ServiceEntryObjects): readonly MeshService[] {
  const allotted = new Map(
    entry.status?.addresses
      ?.filter(({ value }) => !value.includes(':'))
      .map(({ host, value }) => [host, value]),
  );
  const names = namesIn(entry.spec ?? {});
  return (entry.spec?.hosts ?? []).map((host) =>
    serviceOf(entry, { host, allotted: allotted.get(host), names }, objects),
  );
}

/** What is the service's own, and what it shares with the other hosts of its entry. */
interface HostOfEntry {
  readonly host: string;
  readonly allotted: string | undefined;
  readonly names: readonly NameOfEntry[];
}

type NameOfEntry = Omit<NonNullable<MeshService['names']>[number], 'name'> & {
  /** undefined: the host itself. */
  readonly name: string | undefined;
};

function serviceOf(
  entry: ServiceEntry,
  { host, allotted, names }: HostOfEntry,
  objects: ServiceEntryObjects,
): MeshService {
  const { metadata, spec = {} } = entry;
  const { addresses = [], ports = [], resolution = 'NONE' } = spec;
  const behind = resolution === 'STATIC' ? workloadsOf(entry, objects) : [];
  return {
    host,
    name: host,
    namespace: metadata.namespace ?? 'default',
    source: 'ServiceEntry',
    addresses: addresses.map((address) => address.replace(/\/32$/, '')),
    resolution: RESOLUTIONS[resolution],
    ...(resolution.includes('DNS') && {
      names: names.map((one) => ({ ...one, name: one.name ?? host })),
    }),
    isExternal: spec.location !== 'MESH_INTERNAL',
    exportTo: spec.exportTo ?? [],
    ports: ports.map((port): MeshPort => ({
      number: port.number,
      name: port.name,
      protocol: protocolNamed(port.protocol ?? ''),
      endpoints: behind.map((endpoint) => endpoint(port)),
    })),
    ...(allotted !== undefined && addresses.length === 0 && { allotted }),
    ...(spec.subjectAltNames?.length && { subjectAltNames: spec.subjectAltNames }),
    createdAt: metadata.creationTimestamp,
  };
}

const RESOLUTIONS: Readonly<Record<NonNullable<Spec['resolution']>, Resolution>> = {
  NONE: 'PASSTHROUGH',
  STATIC: 'CLIENT_SIDE',
  DNS: 'DNS',
  DNS_ROUND_ROBIN: 'DNS_ROUND_ROBIN',
  DYNAMIC_DNS: 'DYNAMIC_DNS',
};

type OnPort = (port: ServiceEntryPort) => Endpoint;

/** Endpoints as written, or the pods and WorkloadEntries of the namespace that the entry selects. */
function workloadsOf(entry: ServiceEntry, objects: ServiceEntryObjects): readonly OnPort[] {
  const { endpoints = [], workloadSelector } = entry.spec ?? {};
  if (!workloadSelector) {
    return endpoints.map((one): OnPort => (port) => ({
      ip: one.address ?? '',
      port: portOf(one, port),
      ...placeOfEntry(one),
    }));
  }
  const { namespace } = entry.metadata;
  const { labels } = workloadSelector;
  const entries = objects.workloadEntries
    .filter(({ metadata, spec }) => metadata.namespace === namespace && isChosen(labels, spec))
    .map((one): OnPort => (port) => ({
      ip: one.spec?.address ?? '',
      port: portOf(one.spec ?? {}, port),
      ...placeOfEntry(one.spec ?? {}, one),
    }));
  const pods = objects.pods
    .filter((pod) => pod.metadata.namespace === namespace && isReady(pod))
    .filter((pod) => isChosen(labels, pod.metadata))
    .map(({ status }): OnPort => (port) => ({
      ip: status.podIP ?? '',
      port: port.targetPort ?? port.number,
      ...(objects.places.get(status.podIP) ?? UNKNOWN_PLACE),
    }));
  return [...entries, ...pods];
}

function isChosen(
  labels: Parameters<typeof matchesLabels>[0],
  of: { readonly labels?: WorkloadEntrySpec['labels'] } | undefined,
): boolean {
  return Object.keys(labels ?? {}).length > 0 && matchesLabels(labels, of?.labels);
}

/** Whether a pod runs and does not say that it is not ready. */
export function isReady({ status }: Pod): boolean {
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  return Boolean(status.podIP) && status.phase === 'Running' && ready?.status !== 'False';
}

/** Names that proxies look up: those of the endpoints, else the host itself. */
function namesIn({ endpoints = [], ports = [] }: Spec): readonly NameOfEntry[] {
  const behind: readonly WorkloadEntrySpec[] = endpoints.length > 0 ? endpoints : [{}];
  return behind.map((one) => ({
    name: one.address,
    ports: Object.fromEntries(ports.map((port) => [port.number, portOf(one, port)])),
    labels: one.labels ?? {},
  }));
}

function portOf({ ports }: WorkloadEntrySpec, port: ServiceEntryPort): number {
  return ports?.[port.name] ?? port.targetPort ?? port.number;
}
