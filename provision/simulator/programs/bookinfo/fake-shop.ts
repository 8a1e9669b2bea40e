import assert from 'node:assert/strict';
import { type Duplex, duplexPair } from 'node:stream';

import { FakeClock } from '../../fake-clock.ts';
import { HttpHeaders, type HttpRequest, type HttpResponse } from '../../net/http.ts';
import { type Listener, NetworkError, type Target } from '../../net/network.ts';
import { fakeContext, refusingInterface } from '../fake-pod.ts';
import type { ContainerContext } from '../program.ts';
import { bookinfoPrograms } from './index.ts';

interface Sent {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: readonly (readonly [string, string])[];
}

type Answer = (request: HttpRequest) => Promise<HttpResponse>;

/** Some of Bookinfo's services, on a network where a service is one listener. */
export class Shop implements Disposable {
  readonly clock = new FakeClock();
  /** `reviews /reviews/0`, in the order they were made. */
  readonly calls: string[] = [];
  timers = 0;
  readonly #services = new Map<string, Answer>();
  readonly #stops: (() => void)[] = [];

  /** Lines that programs logged. */
  readonly logged: string[] = [];
  /** What containers' environments have. */
  env: Readonly<Record<string, string>> = {};
  /** The next random number. */
  random = 0.6;
  readonly #streams = new Map<string, (connection: Duplex) => void>();

  /** Starts programs by the names of their images: `reviews-v2`. */
  run(...names: readonly string[]): void {
    for (const name of names) {
      const image = `docker.io/istio/examples-bookinfo-${name}:1.20.3`;
      const program = bookinfoPrograms.find((one) => one.matches(image));
      assert.ok(program);
      const running = program.start(this.#context(name, image));
      this.#stops.push(() => running.stop());
    }
  }

  answer(service: string, handle: Answer): void {
    this.#services.set(service, handle);
  }

  async get(
    host: string,
    path: string,
    headers: readonly (readonly [string, string])[] = [],
  ): Promise<{ readonly status: number; readonly text: string }> {
    const { status, body } = await this.send(host, path, { headers });
    return { status, text: Buffer.from(body).toString('utf8') };
  }

  send(
    host: string,
    path: string,
    { method = 'GET', body = '', headers = [] }: Sent,
  ): Promise<HttpResponse> {
    return this.#request(
      { host, port: 9080 },
      {
        method,
        path,
        authority: `${host}:9080`,
        headers: new HttpHeaders(headers),
        body: Buffer.from(body),
      },
    );
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  async #request({ host, port }: Target, request: HttpRequest): Promise<HttpResponse> {
    this.calls.push(`${host} ${request.path}`);
    const handle = this.#services.get(port === 9080 ? host : `${host}:${port}`);
    if (!handle) throw new NetworkError('ECONNREFUSED', `Nothing is at ${host}`);
    return handle(request);
  }

  #context(name: string, image: string): ContainerContext {
    const [app = ''] = name.split('-');
    const network = {
      ...refusingInterface,
      ip: '10.244.0.9',
      namespace: 'default',
      podName: `${name}-abc`,
      listen: (port: number, listener: Listener) => this.#listen(app, port, listener),
      request: (target: Target, request: HttpRequest) => this.#request(target, request),
      connect: ({ host }: Target) => this.#connect(host),
    };
    return fakeContext(network.podName, {
      container: { name: app, image },
      env: this.env,
      network,
      clock: {
        now: () => this.clock.now(),
        after: (delayMs, run) => this.#after(delayMs, run),
      },
      random: () => this.random,
      log: (line) => void this.logged.push(line),
    });
  }

  #listen(app: string, port: number, listener: Listener): Disposable {
    if (listener.type === 'tcp') {
      this.#streams.set(app, (connection) => listener.accept(connection, CALLER));
      return { [Symbol.dispose]: () => void this.#streams.delete(app) };
    }
    assert.equal(port, 9080);
    assert.equal(listener.type, 'http');
    this.#services.set(app, (request) => listener.handle(request, CALLER));
    return { [Symbol.dispose]: () => void this.#services.delete(app) };
  }

  async #connect(host: string): Promise<Duplex> {
    const accept = this.#streams.get(host);
    if (!accept) throw new NetworkError('ECONNREFUSED', `connect to ${host}: Connection refused`);
    const [near, far] = duplexPair();
    accept(far);
    return near;
  }

  #after(delayMs: number, run: () => void): Disposable {
    this.timers++;
    const timer = this.clock.after(delayMs, run);
    return {
      [Symbol.dispose]: () => {
        this.timers--;
        timer[Symbol.dispose]();
      },
    };
  }
}

const CALLER = { ip: '10.244.0.1', port: 1 };
