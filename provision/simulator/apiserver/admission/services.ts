import type { FieldError } from '../../kinds/kind.ts';
import type { Json, JsonObject, KubeObject } from '../../kinds/object.ts';
import { invalid } from '../errors.ts';
import { isObject, listAt, numberAt, objectAt, stringAt } from '../objects/json.ts';
import type { Store } from '../store/store.ts';
import type { AdmissionPlugin } from './admission.ts';

/** Addresses of Services, 10.96.0.0/12 as kubeadm has it. */
const FIRST_IP = 0x0a60_0000;
const IP_COUNT = 2 ** 20;
/** The lowest addresses are kept for those who ask for one, as upstream keeps a band. */
const KEPT_IPS = 256;
const FIRST_NODE_PORT = 30_000;
const NODE_PORT_COUNT = 2_768;

/** Gives Services their cluster IPs and node ports when they are written, as the API server's allocators do. */
export function serviceAddresses(store: Store, random: () => number): AdmissionPlugin {
  return {
    mutate({ kind, subresource, name, namespace }, service) {
      const isService = kind.group === '' && kind.plural === 'services' && subresource === '';
      if (!isService) return service;
      const others = store
        .list('/services')
        .items.filter(
          (other) => other.metadata.name !== name || other.metadata.namespace !== namespace,
        );
      const { spec, errors } = allocate(objectAt(service, 'spec'), others, random);
      if (errors.length > 0) throw invalid(kind, name, errors);
      return { ...service, spec };
    },
  };
}

interface Allocated {
  readonly spec: JsonObject;
  readonly errors: readonly FieldError[];
}

function allocate(
  spec: JsonObject,
  others: readonly KubeObject[],
  random: () => number,
): Allocated {
  const type = stringAt(spec, 'type') ?? 'ClusterIP';
  if (type === 'ExternalName') {
    const { clusterIP: _ip, clusterIPs: _ips, ...rest } = spec;
    return { spec: rest, errors: [] };
  }
  const withIp = allocateIp(spec, others, random);
  const wantsNodePorts =
    type === 'NodePort' ||
    (type === 'LoadBalancer' && spec['allocateLoadBalancerNodePorts'] !== false);
  const withPorts = wantsNodePorts
    ? allocateNodePorts(withIp.spec, others, random)
    : { spec: type === 'ClusterIP' ? withoutNodePorts(withIp.spec) : withIp.spec, errors: [] };
  return { spec: withPorts.spec, errors: [...withIp.errors, ...withPorts.errors] };
}

function allocateIp(
  spec: JsonObject,
  others: readonly KubeObject[],
  random: () => number,
): Allocated {
  const asked =
    stringAt(spec, 'clusterIP') ?? stringAt(listAt(spec, 'clusterIPs')[0] ?? null) ?? '';
  const taken = new Set(others.map((other) => stringAt(other, 'spec', 'clusterIP') ?? ''));
  const withIp = (ip: string) => ({ ...spec, clusterIP: ip, clusterIPs: [ip] });
  if (asked === 'None') return { spec: withIp(asked), errors: [] };
  if (asked === '') return { spec: withIp(freeIp(taken, random)), errors: [] };
  const why = ipProblem(asked, taken);
  if (why === undefined) return { spec: withIp(asked), errors: [] };
  const message = `Invalid value: ${JSON.stringify([asked])}: failed to allocate IP ${asked}: ${why}`;
  return { spec, errors: [{ field: 'spec.clusterIPs', type: 'Invalid', message }] };
}

function ipProblem(ip: string, taken: ReadonlySet<string>): string | undefined {
  const number = ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  if (!(number > FIRST_IP && number < FIRST_IP + IP_COUNT - 1)) {
    return `the provided IP (${ip}) is not in the valid range. The range of valid IPs is 10.96.0.0/12`;
  }
  return taken.has(ip) ? 'provided IP is already allocated' : undefined;
}

function freeIp(taken: ReadonlySet<string>, random: () => number): string {
  const count = IP_COUNT - KEPT_IPS - 1;
  let offset = KEPT_IPS + Math.floor(random() * count);
  while (taken.has(ipText(FIRST_IP + offset))) {
    offset = KEPT_IPS + ((offset - KEPT_IPS + 1) % count);
  }
  return ipText(FIRST_IP + offset);
}

function ipText(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join('.');
}

function allocateNodePorts(
  spec: JsonObject,
  others: readonly KubeObject[],
  random: () => number,
): Allocated {
  const taken = new Set(
    others.flatMap((other) =>
      listAt(other, 'spec', 'ports').map((port) => numberAt(port, 'nodePort')),
    ),
  );
  const errors: FieldError[] = [];
  const ports = listAt(spec, 'ports').map((port, index) => {
    const asked = numberAt(port, 'nodePort') ?? 0;
    const why = asked === 0 ? undefined : nodePortProblem(asked, taken);
    if (why !== undefined) {
      const field = `spec.ports[${index}].nodePort`;
      errors.push({ field, type: 'Invalid', message: `Invalid value: ${asked}: ${why}` });
    }
    const nodePort = asked === 0 ? freeNodePort(taken, random) : asked;
    taken.add(nodePort);
    return isObject(port) ? { ...port, nodePort } : port;
  });
  return { spec: { ...spec, ports }, errors };
}

function nodePortProblem(port: number, taken: ReadonlySet<number | undefined>): string | undefined {
  if (port < FIRST_NODE_PORT || port >= FIRST_NODE_PORT + NODE_PORT_COUNT) {
    return 'provided port is not in the valid range. The range of valid ports is 30000-32767';
  }
  return taken.has(port) ? 'provided port is already allocated' : undefined;
}

function freeNodePort(taken: ReadonlySet<number | undefined>, random: () => number): number {
  let offset = Math.floor(random() * NODE_PORT_COUNT);
  for (let tries = 0; taken.has(FIRST_NODE_PORT + offset) && tries < NODE_PORT_COUNT; tries++) {
    offset = (offset + 1) % NODE_PORT_COUNT;
  }
  return FIRST_NODE_PORT + offset;
}

/** A Service that stops being reachable from outside gives its node ports back. */
function withoutNodePorts(spec: JsonObject): JsonObject {
  if (!listAt(spec, 'ports').some((port) => numberAt(port, 'nodePort') !== undefined)) return spec;
  const ports = listAt(spec, 'ports').map((port: Json) => {
    if (!isObject(port)) return port;
    const { nodePort: _nodePort, ...rest } = port;
    return rest;
  });
  return { ...spec, ports };
}
