import assert from 'node:assert/strict';
import { type Duplex, duplexPair } from 'node:stream';

import { FakeClock } from '../fake-clock.ts';
import type { Pod } from '../kinds/types/core.ts';
import { meta } from '../net/fake-cluster-client.ts';
import { type HttpHandler, HttpHeaders, type HttpRequest } from '../net/http.ts';
import { type Listener, NetworkError, type NetworkInterface, type Target } from '../net/network.ts';
import { clusterFirst, PodDns } from '../net/pod-dns.ts';
import type { ContainerContext, Program, ToolContext } from './program.ts';

function unused(): never {
  return assert.fail('Programs under test listen and send requests, and no more');
}

/** What tests of programs do not need of a network. */
export const refusingInterface: Omit<
  NetworkInterface,
  'ip' | 'namespace' | 'podName' | 'listen' | 'request' | 'connect'
> = {
  deliver: unused,
  open: unused,
  service: unused,
  resolve: unused,
  lookUp: unused,
  dns: new PodDns(clusterFirst('default'), { ask: unused, isReachable: unused }),
  intercept: unused,
  listenerOn: unused,
  [Symbol.dispose]: unused,
};

/** Where a program under test is started: in the pod of that name, with no files and no commands unless they are given. */
export function fakeContext(
  name: string,
  parts: Pick<ContainerContext, 'container' | 'env' | 'network' | 'clock' | 'random' | 'log'> &
    Partial<ContainerContext>,
): ContainerContext {
  return {
    pod: podOf(name),
    get client(): never {
      return unused();
    },
    readFile: () => undefined,
    run: unused,
    ...parts,
  };
}

function podOf(name: string): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: meta(name),
    spec: { containers: [], restartPolicy: 'Always' },
    status: {},
  };
}

const POD_NAME = 'web-1';
const CALLER = { ip: '127.0.0.6', port: 40_000 };

export interface FakePodOptions {
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Sent {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** One pod with one program, for tests: what listens is asked by port, time moves by hand, random numbers are 0.5. */
export class FakePod implements Disposable {
  readonly clock = new FakeClock();
  readonly logged: string[] = [];
  /** Answers by `host:port` of what the program or a command calls; every host of these has the address 10.96.0.80. */
  readonly servers = new Map<string, HttpHandler>();
  /** Files of the container by path. */
  readonly files = new Map<string, string>();
  readonly #listeners = new Map<number, Listener>();
  #stop: (() => void) | undefined;

  start(program: Program, { image, command, args, env = {} }: FakePodOptions): void {
    assert.ok(program.matches(image));
    const context = fakeContext(POD_NAME, {
      container: { name: 'web', image, ...(command && { command }), ...(args && { args }) },
      env,
      network: this.#network(),
      clock: this.clock,
      random: () => 0.5,
      log: (line) => void this.logged.push(line),
      readFile: (path) => this.files.get(path),
    });
    const running = program.start(context);
    this.#stop = () => running.stop();
  }

  /** Ports that something listens on. */
  get ports(): readonly number[] {
    return [...this.#listeners.keys()].toSorted((a, b) => a - b);
  }

  /** Status, headers by name and body of one answer. */
  async ask(
    port: number,
    path: string,
    { method = 'GET', body = '', headers = {}, signal }: Sent = {},
  ) {
    const listener = this.#listeners.get(port);
    assert.equal(listener?.type, 'http');
    const request: HttpRequest = {
      method,
      path,
      authority: `web:${port}`,
      headers: new HttpHeaders(Object.entries(headers)),
      body: Buffer.from(body),
      ...(signal && { signal }),
    };
    const response = await listener.handle(request, CALLER);
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      text: Buffer.from(response.body).toString(),
    };
  }

  /** A connection to a port that speaks no HTTP. */
  open(port: number): Duplex {
    const listener = this.#listeners.get(port);
    assert.equal(listener?.type, 'tcp');
    const [near, far] = duplexPair();
    listener.accept(far, CALLER);
    return near;
  }

  /** Where a command of the container runs. */
  toolContext(signal: AbortSignal = new AbortController().signal): ToolContext {
    return {
      pod: podOf(POD_NAME),
      network: this.#network(),
      clock: this.clock,
      random: () => 0.5,
      env: {},
      workingDir: '/',
      stdin: new Uint8Array(),
      hasTerminal: false,
      signal,
      files: {
        readText: (path) => this.files.get(path),
        write: (path, content) => void this.files.set(path, Buffer.from(content).toString()),
      },
      processes: { list: () => [], kill: () => false },
    };
  }

  [Symbol.dispose](): void {
    this.#stop?.();
  }

  #network(): NetworkInterface {
    const isKnown = (host: string) =>
      [...this.servers.keys()].some((place) => place.startsWith(`${host}:`));
    return {
      ...refusingInterface,
      ip: '10.244.1.5',
      namespace: 'default',
      podName: POD_NAME,
      lookUp: async (host) => (isKnown(host) ? ['10.96.0.80'] : []),
      connect: unused,
      request: async ({ host, port }: Target, request) => {
        const handle = this.servers.get(`${host}:${port}`);
        if (!handle) throw new NetworkError('ECONNREFUSED', `connect to ${host}:${port}`);
        return handle(request, CALLER);
      },
      listen: (port, listener) => {
        this.#listeners.set(port, listener);
        return { [Symbol.dispose]: () => void this.#listeners.delete(port) };
      },
    };
  }
}
