/** Cells of services, their endpoints and ingresses. */
import { asText, at, isUnset, listAt, numberAt, stringAt } from '../json.ts';
import type { KubeObject } from '../object.ts';

/** Items that a list in a cell shows before it says how many more there are. */
const SHOWN_LIMIT = 3;

/** What reaches a Service from outside: addresses of its load balancer, external IPs, a name. */
export function externalIp(service: KubeObject): string {
  const external = listAt(service, 'spec', 'externalIPs').map(asText);
  switch (stringAt(service, 'spec', 'type')) {
    case 'LoadBalancer': {
      const all = [...balancerAddresses(service), ...external];
      return all.length === 0 ? '<pending>' : all.join(',');
    }
    case 'ExternalName':
      return stringAt(service, 'spec', 'externalName');
    case 'ClusterIP':
    case 'NodePort':
      return external.length === 0 ? '<none>' : external.join(',');
    default:
      return '<unknown>';
  }
}

/** `80:30080/TCP,443/TCP`. */
export function servicePorts(service: KubeObject): string {
  const ports = listAt(service, 'spec', 'ports').map((port) => {
    const nodePort = numberAt(port, 'nodePort') ?? 0;
    const node = nodePort > 0 ? `:${nodePort}` : '';
    return `${numberAt(port, 'port') ?? 0}${node}/${stringAt(port, 'protocol')}`;
  });
  return ports.length === 0 ? '<none>' : ports.join(',');
}

/** `10.244.1.2:80,10.244.1.3:80 + 1 more...`: ready addresses only. */
export function endpointsText(endpoints: KubeObject): string {
  const all = listAt(endpoints, 'subsets').flatMap((subset) => {
    const addresses = listAt(subset, 'addresses').map((address) => stringAt(address, 'ip'));
    const ports = listAt(subset, 'ports').map((port) => numberAt(port, 'port') ?? 0);
    if (ports.length === 0) return addresses;
    return ports.flatMap((port) => addresses.map((address) => joinHostPort(address, port)));
  });
  return limited(all, listAt(endpoints, 'subsets').length === 0 ? '<none>' : '');
}

/** Ports of an EndpointSlice; a port without number by its name, one with neither stands for all. */
export function slicePorts(slice: KubeObject): string {
  const ports = listAt(slice, 'ports').map((port) => {
    const name = at(port, 'name');
    return String(numberAt(port, 'port') ?? (isUnset(name) ? '*' : asText(name)));
  });
  return limited(ports, '<unset>');
}

/** Addresses of an EndpointSlice, ready or not. */
export function sliceAddresses(slice: KubeObject): string {
  const addresses = listAt(slice, 'endpoints').flatMap((endpoint) =>
    listAt(endpoint, 'addresses').map(asText),
  );
  return limited(addresses, '<unset>');
}

/** Host names of an Ingress, `*` for a rule for all. */
export function ingressHosts(ingress: KubeObject): string {
  const rules = listAt(ingress, 'spec', 'rules').map((rule) => stringAt(rule, 'host'));
  const hosts = rules.flatMap((host, index) => (host === '' ? [] : [{ host, index }]));
  if (hosts.length === 0) return '*';
  const shown = hosts.slice(0, SHOWN_LIMIT);
  const text = shown.map(({ host }) => host).join(',');
  // What is left are rules, with a host or without, but for the number of hosts shown.
  const isCut = shown.length === SHOWN_LIMIT && (shown.at(-1)?.index ?? 0) < rules.length - 1;
  return isCut ? `${text} + ${rules.length - SHOWN_LIMIT} more...` : text;
}

/** Addresses of an Ingress. */
export function ingressAddress(ingress: KubeObject): string {
  return balancerAddresses(ingress).join(',');
}

function balancerAddresses(object: KubeObject): readonly string[] {
  const addresses = listAt(object, 'status', 'loadBalancer', 'ingress').map(
    (entry) => stringAt(entry, 'ip') || stringAt(entry, 'hostname'),
  );
  return [...new Set(addresses.filter((address) => address !== ''))].toSorted();
}

/** The first `limit` items, then how many more there are; `none` for an empty list. */
function limited(items: readonly string[], none: string): string {
  if (items.length === 0) return none;
  const more = items.length - SHOWN_LIMIT;
  return items.slice(0, SHOWN_LIMIT).join(',') + (more > 0 ? ` + ${more} more...` : '');
}

function joinHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** `ClusterIP`'s cell: the address, `None` for headless services, `<none>` for external names. */
export function clusterIp(service: KubeObject): string {
  const [first] = listAt(service, 'spec', 'clusterIPs');
  return stringAt(first) || stringAt(service, 'spec', 'clusterIP') || '<none>';
}
