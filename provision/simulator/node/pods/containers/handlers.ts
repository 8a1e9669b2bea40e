import type { Container, Handler, Probe } from '../../../kinds/types/core.ts';
import { HttpHeaders } from '../../../net/http.ts';
import type { Network } from '../../../net/network.ts';

/** The container that something is done to. */
export interface HandlerSubject {
  readonly container: Container;
  readonly podIp: string;
  readonly network: Network;
  /** Runs a command in the container; its exit status and output. */
  readonly exec: (
    command: readonly string[],
    signal: AbortSignal,
  ) => Promise<{ exitCode: number; output: string }>;
}

/**
 * Does what a probe or a hook says. Undefined when it went well, else why not, in the kubelet's words.
 * @throws NetworkError when nobody answers
 */
export async function runHandler(
  handler: Handler & Pick<Probe, 'grpc'>,
  subject: HandlerSubject,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (handler.httpGet) return getHttp(handler.httpGet, subject, signal);
  if (handler.grpc) return checkHealth(handler.grpc, subject, signal);
  if (handler.tcpSocket) {
    const { host = '', port } = handler.tcpSocket;
    const target = { host: host || subject.podIp, port: portOf(port, subject.container) };
    const socket = await subject.network.host.connect(target, signal);
    socket.destroy();
    return undefined;
  }
  if (!handler.exec) return undefined;
  const { exitCode, output } = await subject.exec(handler.exec.command ?? [], signal);
  return exitCode === 0 ? undefined : output.trim() || `command exited with ${exitCode}`;
}

async function getHttp(
  get: NonNullable<Handler['httpGet']>,
  { network, podIp, container }: HandlerSubject,
  signal: AbortSignal,
): Promise<string | undefined> {
  const host = get.host || podIp;
  const port = portOf(get.port, container);
  const own = (get.httpHeaders ?? []).map(({ name, value }) => [name, value] as const);
  const authority = own.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? `${host}:${port}`;
  const given = new Set(own.map(([name]) => name.toLowerCase()));
  const usual = [
    ['User-Agent', 'kube-probe/1.34'],
    ['Accept', '*/*'],
    ['Connection', 'close'],
  ] as const;
  const response = await network.host.request(
    { host, port },
    {
      method: 'GET',
      path: pathOf(get),
      authority,
      headers: new HttpHeaders([
        ...usual.filter(([name]) => !given.has(name.toLowerCase())),
        ...own.filter(([name]) => name.toLowerCase() !== 'host'),
      ]),
      body: new Uint8Array(),
      signal,
    },
  );
  const isWell = response.status >= 200 && response.status < 400;
  return isWell ? undefined : `HTTP probe failed with statuscode: ${response.status}`;
}

/** The path a request goes to; it need not begin with a slash in the pod. */
export function pathOf({ path = '/' }: NonNullable<Handler['httpGet']>): string {
  return path.startsWith('/') ? path : `/${path}`;
}

/** gRPC's health protocol: the answer's trailers say whether the call went well. */
async function checkHealth(
  { port, service = '' }: NonNullable<Probe['grpc']>,
  { network, podIp }: HandlerSubject,
  signal: AbortSignal,
): Promise<string | undefined> {
  const name = Buffer.from(service);
  const message = name.length === 0 ? name : Buffer.concat([Buffer.of(10, name.length), name]);
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  const response = await network.host.request(
    { host: podIp, port },
    {
      method: 'POST',
      path: '/grpc.health.v1.Health/Check',
      authority: `${podIp}:${port}`,
      headers: new HttpHeaders([
        ['content-type', 'application/grpc'],
        ['te', 'trailers'],
        ['user-agent', 'kube-probe/1.34'],
      ]),
      body: Buffer.concat([frame, message]),
      signal,
    },
  );
  if (response.headers.get('content-type')?.startsWith('application/grpc') !== true) {
    return (
      'error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unexpected HTTP status code received from server: ' +
      `${response.status}`
    );
  }
  const status = response.headers.get('grpc-status') ?? '0';
  return status === '0' ? undefined : 'service unhealthy (responded with "NOT_SERVING")';
}

/** A port, by number or by the name a container port has. */
export function portOf(port: number | string, container: Container): number {
  if (typeof port === 'number') return port;
  const named = container.ports?.find(({ name }) => name === port);
  return named?.containerPort ?? Number(port);
}
