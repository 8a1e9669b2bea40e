/** What CoreDNS answers in a cluster (https://github.com/kubernetes/dns/blob/master/docs/specification.md). */
import type { Service, ServicePort } from '../kinds/types/core.ts';
import type { EndpointSlice } from '../kinds/types/discovery.ts';
import type { Outside } from './outside.ts';
import type { ServiceTable } from './service-table.ts';

/** Types of questions that are answered; any other has no records. */
export type DnsType = 'A' | 'AAAA' | 'CNAME' | 'SRV' | 'PTR' | 'NS' | 'TXT' | 'MX' | 'SOA' | 'ANY';

export interface DnsRecord {
  /** Fully qualified, without the dot at the end. */
  readonly name: string;
  readonly type: 'A' | 'CNAME' | 'SRV' | 'PTR';
  /** An address, a name, or for SRV priority, weight, port and name. */
  readonly data: string;
}

export interface DnsAnswer {
  /** NOERROR without records: the name exists, but has nothing of that type. */
  readonly code: 'NOERROR' | 'NXDOMAIN';
  readonly records: readonly DnsRecord[];
}

const ZONE = 'cluster.local';
const NO_NAME: DnsAnswer = { code: 'NXDOMAIN', records: [] };
const NO_DATA: DnsAnswer = { code: 'NOERROR', records: [] };
/** CNAMEs followed before an answer is given up. */
const CNAME_LIMIT = 8;

/** What the name server knows. */
export interface KnownNames {
  readonly table: ServiceTable;
  /** Where names that are not the cluster's are looked up. */
  readonly outside: Pick<Outside, 'addresses'>;
}

/** The answer for a fully qualified name: CoreDNS's own zone, and what it forwards to the world outside. */
export function answerDns(question: string, type: DnsType, known: KnownNames): DnsAnswer {
  return answer(question.replace(/\.$/, '').toLowerCase(), type, { ...known, depth: 0 });
}

interface Look extends KnownNames {
  readonly depth: number;
}

function answer(name: string, type: DnsType, look: Look): DnsAnswer {
  if (name.endsWith('.in-addr.arpa')) return reverse(name, type, look.table);
  if (name === ZONE || name === `svc.${ZONE}` || name === `pod.${ZONE}`) return NO_DATA;
  const pod = /^(\d+-\d+-\d+-\d+)\.([^.]+)\.pod\.cluster\.local$/.exec(name);
  if (pod) return ofType(type, [{ name, type: 'A', data: (pod[1] ?? '').replaceAll('-', '.') }]);
  if (name.endsWith(`.svc.${ZONE}`)) return belowServices(name, type, look);
  return name.endsWith(`.${ZONE}`) ? NO_NAME : beyond(name, type, look);
}

function beyond(name: string, type: DnsType, { outside }: Look): DnsAnswer {
  const addresses = outside.addresses(name);
  if (addresses.length === 0) return NO_NAME;
  return ofType(
    type,
    addresses.map((data) => ({ name, type: 'A', data })),
  );
}

function belowServices(name: string, type: DnsType, look: Look): DnsAnswer {
  const labels = name.slice(0, -`.svc.${ZONE}`.length).split('.');
  if (labels.length === 1) return look.table.hasNamespace(labels[0] ?? '') ? NO_DATA : NO_NAME;
  const [namespace = '', serviceName = '', ...rest] = labels.toReversed();
  const service = look.table.service(namespace, serviceName);
  if (!service) return NO_NAME;
  const place = { service, full: `${serviceName}.${namespace}.svc.${ZONE}` };
  if (rest.length === 0) return ofService(place, type, look);
  const [first = '', second = ''] = rest;
  if (rest.length === 2 && first.startsWith('_') && second.startsWith('_')) {
    return ofPort(place, { protocol: first.slice(1), port: second.slice(1) }, type, look.table);
  }
  return rest.length === 1 ? ofEndpoint(place, first, type, look.table) : NO_NAME;
}

interface Place {
  readonly service: Service;
  readonly full: string;
}

function ofService({ service, full }: Place, type: DnsType, look: Look): DnsAnswer {
  const { spec } = service;
  if (spec.type === 'ExternalName') return alias(full, spec.externalName ?? '', type, look);
  if (type === 'SRV') return srv({ service, full }, full, undefined, look.table);
  if (!isHeadless(service)) {
    return ofType(type, [{ name: full, type: 'A', data: spec.clusterIP ?? '' }]);
  }
  const found = endpointsOf(service, look.table);
  // A headless Service without an endpoint that is ready has no name at all.
  if (found.length === 0) return NO_NAME;
  const records = found.map(({ ip }): DnsRecord => ({ name: full, type: 'A', data: ip }));
  return ofType(type, records);
}

function alias(name: string, to: string, type: DnsType, look: Look): DnsAnswer {
  const data = to.replace(/\.$/, '');
  const cname: DnsRecord = { name, type: 'CNAME', data };
  if (type === 'CNAME' || look.depth >= CNAME_LIMIT) return { code: 'NOERROR', records: [cname] };
  const further = answer(data.toLowerCase(), type, { ...look, depth: look.depth + 1 });
  return { code: 'NOERROR', records: [cname, ...further.records] };
}

/** `_http._tcp.web.default.svc.cluster.local`; the protocol stands second in the name and so first when read backwards. */
function ofPort(
  place: Place,
  asked: { readonly protocol: string; readonly port: string },
  type: DnsType,
  table: ServiceTable,
): DnsAnswer {
  const port = (place.service.spec.ports ?? []).find(
    ({ name, protocol = 'TCP' }) =>
      name === asked.port && protocol.toLowerCase() === asked.protocol.toLowerCase(),
  );
  if (!port) return NO_NAME;
  const question = `_${asked.port}._${asked.protocol}.${place.full}`;
  return type === 'SRV' || type === 'ANY' ? srv(place, question, port, table) : NO_DATA;
}

function srv(
  { service, full }: Place,
  name: string,
  only: ServicePort | undefined,
  table: ServiceTable,
): DnsAnswer {
  const ports = only ? [only] : (service.spec.ports ?? []);
  const records = isHeadless(service)
    ? endpointsOf(service, table).flatMap(({ label, portOf }) =>
        ports.flatMap((port) => {
          const number = portOf(port);
          return number === undefined ? [] : [srvRecord(name, number, `${label}.${full}`)];
        }),
      )
    : ports.map(({ port }) => srvRecord(name, port, full));
  if (records.length === 0) return isHeadless(service) ? NO_NAME : NO_DATA;
  return { code: 'NOERROR', records };
}

function srvRecord(name: string, port: number, target: string): DnsRecord {
  return { name, type: 'SRV', data: `0 100 ${port} ${target}` };
}

/** A pod behind the Service, by its host name or by its address with dashes. */
function ofEndpoint(
  { service, full }: Place,
  label: string,
  type: DnsType,
  table: ServiceTable,
): DnsAnswer {
  const found = endpointsOf(service, table).filter((one) => one.label === label);
  if (found.length === 0) return NO_NAME;
  const name = `${label}.${full}`;
  return ofType(
    type,
    found.map(({ ip }) => ({ name, type: 'A', data: ip })),
  );
}

interface NamedEndpoint {
  readonly ip: string;
  readonly label: string;
  readonly portOf: (port: ServicePort) => number | undefined;
}

function endpointsOf(service: Service, table: ServiceTable): readonly NamedEndpoint[] {
  const { name, namespace = '' } = service.metadata;
  return table
    .slicesOf(namespace, name)
    .flatMap((slice) =>
      slice.endpoints
        .filter(
          ({ conditions }) => service.spec.publishNotReadyAddresses || conditions?.ready !== false,
        )
        .flatMap((endpoint) => endpoint.addresses.map((ip) => named(slice, endpoint, ip))),
    );
}

function named(
  { ports = [] }: EndpointSlice,
  { hostname }: EndpointSlice['endpoints'][number],
  ip: string,
): NamedEndpoint {
  return {
    ip,
    label: hostname ?? ip.replaceAll('.', '-'),
    portOf: ({ name = '' }) => ports.find((one) => (one.name ?? '') === name)?.port,
  };
}

function reverse(name: string, type: DnsType, table: ServiceTable): DnsAnswer {
  const ip = name.slice(0, -'.in-addr.arpa'.length).split('.').toReversed().join('.');
  const targets = table.all().flatMap((service) => {
    const full = `${service.metadata.name}.${service.metadata.namespace ?? ''}.svc.${ZONE}`;
    if (service.spec.clusterIP === ip) return [full];
    return endpointsOf(service, table)
      .filter((endpoint) => endpoint.ip === ip)
      .map(({ label }) => `${label}.${full}`);
  });
  if (targets.length === 0) return NO_NAME;
  if (type !== 'PTR' && type !== 'ANY') return NO_DATA;
  return { code: 'NOERROR', records: targets.map((data) => ({ name, type: 'PTR', data })) };
}

function ofType(type: DnsType, records: readonly DnsRecord[]): DnsAnswer {
  const wanted = records.filter((record) => type === 'ANY' || record.type === type);
  return { code: 'NOERROR', records: wanted };
}

function isHeadless({ spec }: Service): boolean {
  return spec.clusterIP === undefined || spec.clusterIP === '' || spec.clusterIP === 'None';
}
