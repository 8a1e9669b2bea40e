import type { Kind } from '../../../kinds/kind.ts';
import type { KubeObject } from '../../../kinds/object.ts';
import type { Target } from '../../../net/network.ts';
import { badRequest, unavailable } from '../../errors.ts';
import { listAt, numberAt, stringAt } from '../../objects/json.ts';
import type { Exchange } from '../exchange.ts';
import { find } from '../objects.ts';
import type { ResourceInfo } from '../requests/request-info.ts';

/** Where a proxied request goes. */
export type ProxyTarget =
  | { readonly type: 'network'; readonly scheme: string; readonly target: Target }
  /** The kubelet of a node. */
  | { readonly type: 'kubelet'; readonly node: string };

type ProxyExchange = Pick<Exchange, 'context'>;

/** Where kubelets serve. */
const KUBELET_PORT = '10250';

/**
 * The destination that the name in the URL says: `[scheme:]name[:port]`.
 * @throws ApiError 400 for a name of another form, 404 for what is not there, 503 for a service without endpoints
 */
export function proxyTarget(exchange: ProxyExchange, kind: Kind, info: ResourceInfo): ProxyTarget {
  const { scheme, name, port } = splitName(info.name, kind);
  const object = find(exchange, kind, { ...info, name });
  switch (kind.plural) {
    case 'services':
      return { type: 'network', scheme, target: serviceTarget(exchange, object, port) };
    case 'pods':
      return { type: 'network', scheme, target: podTarget(object, { scheme, port }) };
    default:
      return nodeTarget(object, { scheme, port });
  }
}

const SCHEMES = new Set(['', 'http', 'https']);

function splitName(text: string, { plural }: Kind) {
  const parts = text.split(':');
  const [scheme = '', name = '', port = ''] = parts.length === 3 ? parts : ['', ...parts];
  if (parts.length > 3 || name === '' || !SCHEMES.has(scheme)) {
    throw badRequest(`invalid ${plural.slice(0, -1)} request ${JSON.stringify(text)}`);
  }
  return { scheme, name, port };
}

interface Address {
  readonly scheme: string;
  readonly port: string;
}

/** One of the service's ready addresses (registry/core/service, `ResourceLocation`): a port counts by its exact name. */
function serviceTarget({ context }: ProxyExchange, service: KubeObject, port: string): Target {
  const { name, namespace = '' } = service.metadata;
  const portName = servicePortName(service, port);
  const endpoints = context.core.store.get('/endpoints', namespace, name);
  const targets = listAt(endpoints, 'subsets').flatMap((subset) => {
    const found = listAt(subset, 'ports').find((one) => (stringAt(one, 'name') ?? '') === portName);
    const number = numberAt(found, 'port');
    if (number === undefined) return [];
    return listAt(subset, 'addresses').map((address) => ({
      host: stringAt(address, 'ip') ?? '',
      port: number,
    }));
  });
  const target = targets[Math.floor(context.core.random() * targets.length)];
  if (target) return target;
  throw unavailable(`no endpoints available for service ${JSON.stringify(name)}`);
}

function servicePortName(service: KubeObject, port: string): string {
  if (!/^[+-]?\d+$/.test(port)) return port;
  const found = listAt(service, 'spec', 'ports').find(
    (one) => numberAt(one, 'port') === Number(port),
  );
  if (found !== undefined) return stringAt(found, 'name') ?? '';
  throw unavailable(
    `no service port ${Number(port)} found for service ${JSON.stringify(service.metadata.name)}`,
  );
}

function podTarget(pod: KubeObject, { scheme, port }: Address): Target {
  const host = stringAt(pod, 'status', 'podIP') ?? '';
  if (host === '') throw badRequest('address not allowed');
  const [first] = listAt(pod, 'spec', 'containers').flatMap((one) => listAt(one, 'ports'));
  const own = port === '' ? numberAt(first, 'containerPort') : undefined;
  return { host, port: own ?? portNumber({ scheme, port }) };
}

function nodeTarget(node: KubeObject, { scheme, port }: Address): ProxyTarget {
  const { name } = node.metadata;
  if (port === '' || port === KUBELET_PORT) return { type: 'kubelet', node: name };
  const address = listAt(node, 'status', 'addresses').find(
    (one) => stringAt(one, 'type') === 'InternalIP',
  );
  const host = stringAt(address, 'address') ?? name;
  return { type: 'network', scheme, target: { host, port: portNumber({ scheme, port }) } };
}

const KNOWN_PORTS: Readonly<Record<string, number>> = { '': 80, http: 80, https: 443 };

/** A port as Go's dialler reads it: a number or a name that every system knows. */
function portNumber({ scheme, port }: Address): number {
  const number = port === '' ? KNOWN_PORTS[scheme] : (KNOWN_PORTS[port] ?? Number(port));
  if (number !== undefined && Number.isInteger(number) && number > 0 && number < 65_536) {
    return number;
  }
  const why = /^\d+$/.test(port) ? 'invalid port' : 'unknown port';
  throw unavailable(
    `error trying to reach service: dial tcp: ${why === 'invalid port' ? `address ${port}: ${why}` : `lookup tcp/${port}: ${why}`}`,
  );
}
