/** What the API server's own tests put around it. */
import { createServer, type AddressInfo } from 'node:net';
import { duplexPair, PassThrough, type Duplex } from 'node:stream';

import { FakeClock } from '../fake-clock.ts';
import type { HttpRequest, HttpResponse } from '../net/http.ts';
import { NetworkError, type NetworkInterface, type Target } from '../net/network.ts';
import { textPage } from '../node/kubelet-pages.ts';
import type { ExecOptions, ExecProcess, Kubelet } from '../node/kubelet.ts';
import { createApiServer, type ApiServer, type ApiServerOptions } from './index.ts';

/** Answers requests that the API server sends over the virtual network. */
type Answer = (target: Target, request: HttpRequest) => Promise<HttpResponse>;

export interface Surroundings {
  readonly clock: FakeClock;
  readonly api: ApiServer;
  /** Replaces what answers on the network. */
  readonly answer: (next: Answer) => void;
  /** The far ends of the byte streams that were opened over the network. */
  readonly connected: readonly Duplex[];
}

/**
 * An API server with a fake clock that starts now, for certificates that today's clients take, the same random numbers each time, a
 * kubelet that echoes and a network that refuses.
 */
export async function startForTest(options: Partial<ApiServerOptions> = {}): Promise<Surroundings> {
  const clock = new FakeClock(Math.floor(Date.now() / 1_000) * 1_000);
  let current: Answer = refuse;
  const connected: Duplex[] = [];
  const api = await createApiServer({
    clock,
    random: sequence(),
    kubelet: () => echoKubelet,
    network: () => networkOf((target, request) => current(target, request), connected),
    ...options,
  });
  return {
    clock,
    api,
    answer: (next) => {
      current = next;
    },
    connected,
  };
}

/** Makes the server answer on a free port of this machine; the result stops that. */
export async function listen(api: ApiServer): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api.serve(server);
  return {
    port: portOf(server.address()),
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
      }),
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new TypeError('not listening');
  return address.port;
}

function sequence(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function unused(): never {
  throw new Error('the API server does not use this part of the network');
}

function refuse(target: Target): Promise<HttpResponse> {
  return Promise.reject(new NetworkError('ECONNREFUSED', `connect ${target.host}:${target.port}`));
}

function networkOf(request: Answer, connected: Duplex[]): NetworkInterface {
  return {
    ip: '172.30.1.2',
    namespace: '',
    podName: '',
    request,
    listen: unused,
    connect: async () => {
      const [near, far] = duplexPair();
      connected.push(far);
      return near;
    },
    resolve: unused,
    lookUp: unused,
    get dns(): never {
      return unused();
    },
    deliver: unused,
    open: unused,
    service: unused,
    intercept: unused,
    listenerOn: unused,
    [Symbol.dispose]: unused,
  };
}

const echoKubelet: Kubelet = {
  refusal: () => undefined,
  async *logs() {
    yield 'first line\n';
    yield 'second line\n';
  },
  exec: (_ref, options) => Promise.resolve(echo(options)),
  attach: (_ref, options) => Promise.resolve(echo(options)),
  portForward: () => Promise.resolve(echoStream()),
  nodeHttp: (node, { path }) => Promise.resolve(textPage(`${node} ${path}`)),
};

/** `exit N` ends with N; everything else says its words and then what it is sent. */
function echo({ command, hasStdin }: ExecOptions): ExecProcess {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const { promise: exited, resolve: end } = Promise.withResolvers<number>();
  const code = command[0] === 'exit' ? Number(command[1]) : 0;
  stderr.end(command[0] === 'exit' ? 'going\n' : '');
  stdout.write(command[0] === 'exit' ? '' : `${command.join(' ')}\n`);
  if (hasStdin) stdin.pipe(stdout);
  else stdout.end();
  stdout.on('end', () => end(code));
  return { stdin, stdout, stderr, exited, resize: () => undefined, kill: () => stdout.end() };
}

function echoStream(): Duplex {
  return new PassThrough();
}
