/** Requests to pods, services and nodes by way of the API server (Kubernetes documentation, "Access Services Running on Clusters"). */
import { ApiError } from '../../client/api-error.ts';
import type { Kind } from '../../kinds/kind.ts';
import type { Json, KubeObject } from '../../kinds/object.ts';
import { HttpHeaders } from '../../net/http.ts';
import { NetworkError, type Target } from '../../net/network.ts';
import { badRequest } from '../errors.ts';
import { listAt, numberAt, stringAt } from '../objects/json.ts';
import { readBytes } from './body.ts';
import type { Exchange } from './exchange.ts';
import { find } from './objects.ts';
import type { ResourceInfo } from './request-info.ts';

/** Headers that concern one connection only (RFC 9110, 7.6.1), and credentials, which stay here. */
const NOT_PASSED = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'authorization',
  'content-length',
  'host',
]);

/** Passes a request on over the virtual network and its answer back. */
export async function sendProxied(
  exchange: Exchange,
  kind: Kind,
  info: ResourceInfo,
): Promise<void> {
  const { request, response, context } = exchange;
  const target = targetOf(exchange, kind, info);
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const body = await readBytes(request);
  const headers = new HttpHeaders();
  for (const [name, value] of Object.entries(request.headers)) {
    if (NOT_PASSED.has(name) || value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) headers.append(name, one);
  }
  headers.set('x-forwarded-uri', exchange.path);
  try {
    const answer = await context.network().request(target, {
      method: request.method ?? 'GET',
      path: `/${info.rest}${queryOf(exchange)}`,
      authority: `${target.host}:${target.port}`,
      headers,
      body,
      signal: gone.signal,
    });
    for (const [name, value] of answer.headers) {
      if (!NOT_PASSED.has(name)) response.appendHeader(name, value);
    }
    response.writeHead(answer.status, { 'content-length': answer.body.length });
    response.end(answer.body);
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    throw unavailable(`error trying to reach service: ${error.message}`, error);
  }
}

function queryOf({ query }: Exchange): string {
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** The destination that the name in the URL says: `[scheme:]name[:port]`. */
function targetOf(exchange: Exchange, kind: Kind, info: ResourceInfo): Target {
  const { name, port } = splitName(info.name);
  const object = find(exchange, kind, { ...info, name });
  switch (kind.plural) {
    case 'services':
      return serviceTarget(object, port);
    case 'pods':
      return podTarget(object, port);
    default:
      throw new ApiError(
        501,
        'NotImplemented',
        `Cannot reach node "${name}": simulated nodes have no HTTP server`,
      );
  }
}

function splitName(text: string): { readonly name: string; readonly port: string } {
  const parts = text.split(':');
  const [name = '', port = ''] = parts.length === 3 ? parts.slice(1) : parts;
  return { name, port };
}

function serviceTarget(service: KubeObject, port: string): Target {
  const { name, namespace = '' } = service.metadata;
  const ports = listAt(service, 'spec', 'ports');
  const found =
    ports.find((one) => isPort(one, port)) ??
    (port === '' && ports.length === 1 ? ports[0] : undefined);
  const number = numberAt(found, 'port');
  if (number === undefined) {
    throw unavailable(
      `no service port ${JSON.stringify(port)} found for service ${JSON.stringify(name)}`,
    );
  }
  return { host: `${name}.${namespace}.svc.cluster.local`, port: number };
}

function isPort(entry: Json, port: string): boolean {
  return (
    port !== '' && (stringAt(entry, 'name') === port || String(numberAt(entry, 'port')) === port)
  );
}

function podTarget(pod: KubeObject, port: string): Target {
  const host = stringAt(pod, 'status', 'podIP') ?? '';
  if (host === '') throw badRequest('address not allowed');
  const ports = listAt(pod, 'spec', 'containers').flatMap((container) =>
    listAt(container, 'ports'),
  );
  const named = ports.find((one) => stringAt(one, 'name') === port);
  const first = port === '' ? numberAt(ports[0], 'containerPort') : Number(port);
  return { host, port: numberAt(named, 'containerPort') ?? first ?? 80 };
}

function unavailable(message: string, cause?: unknown): ApiError {
  const error = new ApiError(503, 'ServiceUnavailable', message, {});
  error.cause = cause;
  return error;
}
