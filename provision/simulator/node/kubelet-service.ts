import type { Duplex } from 'node:stream';

import { ApiError } from '../client/api-error.ts';
import type { Clock } from '../clock.ts';
import { NetworkError } from '../net/network.ts';
import type { ContainerRef, ExecOptions, ExecProcess, Kubelet, LogOptions } from './kubelet.ts';
import { readLog } from './logs/read-log.ts';
import type { PodContainer } from './pods/pod-container.ts';
import type { PodWorker } from './pods/pod-worker.ts';
import { badRequest, containerName, podNotFound } from './refusals.ts';

/** Answers for all nodes what the API server asks of a kubelet. */
export class KubeletService implements Kubelet {
  readonly #clock: Clock;
  readonly #find: (namespace: string, pod: string) => PodWorker | undefined;

  constructor(clock: Clock, find: (namespace: string, pod: string) => PodWorker | undefined) {
    this.#clock = clock;
    this.#find = find;
  }

  logs(ref: ContainerRef, options: LogOptions, signal: AbortSignal): AsyncIterable<string> {
    const container = this.#container(ref);
    const log = options.previous ? container.previousLog : container.log;
    if (!log && options.previous) {
      const name = `"${container.name}" in pod "${ref.pod}"`;
      throw badRequest(`previous terminated container ${name} not found`);
    }
    if (!log) {
      const reason = container.state.waiting?.reason ?? 'ContainerCreating';
      const name = `"${container.name}" in pod "${ref.pod}"`;
      const isImage = /^(Err)?Image/.test(reason);
      throw badRequest(
        isImage
          ? `container ${name} is waiting to start: trying and failing to pull image`
          : `container ${name} is waiting to start: ${reason}`,
      );
    }
    return readLog(log, options, { nowMs: this.#clock.now(), signal });
  }

  async exec(ref: ContainerRef, options: ExecOptions): Promise<ExecProcess> {
    return this.#run(ref).exec(options);
  }

  async attach(ref: ContainerRef, options: ExecOptions): Promise<ExecProcess> {
    return this.#run(ref).attach(options);
  }

  async portForward(
    { namespace, name }: { readonly namespace: string; readonly name: string },
    port: number,
  ): Promise<Duplex> {
    const network = this.#worker(namespace, name).network;
    if (!network) {
      throw badRequest(`unable to forward port because pod ${name} is not running`);
    }
    try {
      return await network.connect({ host: '127.0.0.1', port });
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      const refused = `dial tcp4 127.0.0.1:${port}: connect: connection refused`;
      const place = `failed to connect to localhost:${port} inside namespace of pod ${name}`;
      throw new ApiError(500, 'InternalError', `${place}, IPv4: ${refused}`);
    }
  }

  #run(ref: ContainerRef) {
    const worker = this.#worker(ref.namespace, ref.pod);
    const { phase } = worker.pod.status;
    if (phase === 'Succeeded' || phase === 'Failed') {
      const text = `cannot exec into a container in a completed pod; current phase is ${phase}`;
      throw badRequest(text);
    }
    const container = this.#container(ref);
    if (container.run) return container.run;
    const text = `unable to upgrade connection: container not found ("${container.name}")`;
    throw new ApiError(500, 'InternalError', text);
  }

  #container(ref: ContainerRef): PodContainer {
    const worker = this.#worker(ref.namespace, ref.pod);
    const name = containerName(worker.pod, ref);
    const container = worker.containers.find((each) => each.name === name);
    if (container) return container;
    // The node has the pod, but not in its hands: it ended before this cluster was brought back.
    throw badRequest(`container "${name}" in pod "${ref.pod}" is not available`);
  }

  #worker(namespace: string, pod: string): PodWorker {
    const worker = this.#find(namespace, pod);
    if (!worker) throw podNotFound(pod);
    return worker;
  }
}
