import { type ChildProcess, fork } from 'node:child_process';
import type { Socket as UdpSocket } from 'node:dgram';
import type { Server } from 'node:net';
import { fileURLToPath } from 'node:url';

import type { ExposedAddress, HostAnswer, HostEvent, HostRequest } from '../../simulator/index.ts';

const MAIN = fileURLToPath(new URL('../../simulator/host/main.ts', import.meta.url));

/** A request without its call number. */
export type HostCall = HostRequest extends infer R
  ? R extends HostRequest
    ? Omit<R, 'call'>
    : never
  : never;

/** One forked process that holds simulated clusters, and the calls to it that are under way. */
export class HostProcess implements AsyncDisposable {
  /** Clusters living in it. */
  clusterCount = 0;
  readonly #child: ChildProcess;
  readonly #calls = new Map<number, PromiseWithResolvers<HostAnswer>>();
  readonly #addressListeners = new Map<number, (addresses: readonly ExposedAddress[]) => void>();
  readonly #lostListeners = new Map<number, Set<(error: Error) => void>>();
  #nextCall = 1;
  #isEnding = false;

  constructor() {
    this.#child = fork(MAIN, [], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      serialization: 'advanced',
      // The environment may hold the server's secrets; a host process needs none of it.
      env: { PATH: '/usr/bin:/bin' },
    });
    this.#child.on('message', (event: HostEvent) => this.#hear(event));
    this.#child.on('exit', (code, signal) => this.#lose(code, signal));
    this.#child.on('error', () => this.#lose(null, null));
  }

  /** Whether the process has ended. */
  get isLost(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Sends a request and waits for its answer; rejects with the host's sentence, or when the process ends. */
  call(request: HostCall, socket?: Server | UdpSocket): Promise<HostAnswer> {
    if (this.isLost) return Promise.reject(lostError(this.#child.exitCode, this.#child.signalCode));
    const call = this.#nextCall++;
    const waiting = Promise.withResolvers<HostAnswer>();
    this.#calls.set(call, waiting);
    this.#child.send({ ...request, call }, socket, {}, (error) => {
      if (error) this.#settle(call)?.reject(error);
    });
    return waiting.promise;
  }

  onAddresses(
    cluster: number,
    listener: (addresses: readonly ExposedAddress[]) => void,
  ): Disposable {
    this.#addressListeners.set(cluster, listener);
    return { [Symbol.dispose]: () => void this.#addressListeners.delete(cluster) };
  }

  /** Tells when the cluster is gone: alone, for an error in its work, or with the whole process. */
  onLost(cluster: number, listener: (error: Error) => void): Disposable {
    const listeners = this.#lostListeners.get(cluster) ?? new Set();
    this.#lostListeners.set(cluster, listeners.add(listener));
    return { [Symbol.dispose]: () => void listeners.delete(listener) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    if (this.isLost) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.disconnect();
    await ended;
  }

  #hear(event: HostEvent): void {
    switch (event.type) {
      case 'answer':
        this.#settle(event.call)?.resolve(event.value);
        return;
      case 'refusal':
        this.#settle(event.call)?.reject(new Error(event.message));
        return;
      case 'addresses':
        this.#addressListeners.get(event.cluster)?.(event.addresses);
        return;
      case 'lost':
        this.#tellLost(event.cluster, clusterLostError(event.message));
    }
  }

  #settle(call: number): PromiseWithResolvers<HostAnswer> | undefined {
    const waiting = this.#calls.get(call);
    this.#calls.delete(call);
    return waiting;
  }

  #lose(code: number | null, signal: NodeJS.Signals | null): void {
    const error = lostError(code, signal);
    for (const call of this.#calls.keys()) this.#settle(call)?.reject(error);
    if (this.#isEnding) return;
    for (const cluster of this.#lostListeners.keys()) this.#tellLost(cluster, error);
  }

  #tellLost(cluster: number, error: Error): void {
    const listeners = this.#lostListeners.get(cluster) ?? [];
    this.#lostListeners.delete(cluster);
    for (const listener of listeners) listener(error);
  }
}

function clusterLostError(message: string): Error {
  return new Error(`The cluster has ended by an error in its work: ${message}`);
}

function lostError(code: number | null, signal: NodeJS.Signals | null): Error {
  return new Error(
    `The process that held the cluster has ended (${signal ?? `status ${code ?? 'unknown'}`})`,
  );
}
