import type { Duplex } from 'node:stream';

import { ApiError } from '../client/api-error.ts';
import type { Clock } from '../clock.ts';
import type { Pod } from '../kinds/types/core.ts';
import type { HttpRequest, HttpResponse } from '../net/http.ts';
import { NetworkError } from '../net/network.ts';
import { jsonPage, KubeletPages, textPage } from './kubelet-pages.ts';
import type {
  ContainerRef,
  ExecOptions,
  ExecProcess,
  Kubelet,
  KubeletRefusal,
  LogOptions,
  StreamVerb,
} from './kubelet.ts';
import { logOf } from './logs/log-of.ts';
import { readLog } from './logs/read-log.ts';
import { logKey, savedLog, type SavedLogs } from './logs/saved-logs.ts';
import type { PodContainer } from './pods/containers/pod-container.ts';
import type { PodWorker } from './pods/pod-worker.ts';
import { badRequest, containerName, podNotFound } from './refusals.ts';

/** Finds the worker of a pod; those that this cluster's nodes run are all there is. */
export interface Workers {
  get(key: string): PodWorker | undefined;
  values(): Iterable<PodWorker>;
}

/** Answers for all nodes what the API server asks of a kubelet. */
export class KubeletService implements Kubelet {
  /** What the kubelets serve over HTTP, by path. */
  readonly pages = new KubeletPages();
  readonly #clock: Clock;
  readonly #workers: Workers;

  readonly #savedLogs: SavedLogs;

  /**
   * @param workers by `namespace/name`
   * @param savedLogs of containers that ended in an earlier life of the cluster
   */
  constructor(clock: Clock, workers: Workers, savedLogs: SavedLogs = {}) {
    this.#clock = clock;
    this.#savedLogs = savedLogs;
    this.#workers = workers;
    this.pages.add('/healthz', () => textPage('ok'));
    this.pages.add('/pods', (node) => jsonPage(podList(this.#podsOn(node))));
  }

  logs(ref: ContainerRef, options: LogOptions, signal: AbortSignal): AsyncIterable<string> {
    const worker = this.#worker(ref.namespace, ref.pod);
    const name = containerName(worker.pod, ref);
    const found = logOf(worker, name, options);
    const saved = this.#savedLogs[logKey(worker.pod.metadata.uid, name)];
    const isSaved = found.type === 'lost' && saved !== undefined && !options.previous;
    if (found.type === 'lost' && !isSaved) return lines(found.message);
    const log = found.type === 'log' ? found.log : savedLog(this.#clock, saved ?? []);
    return readLog(log, options, { nowMs: this.#clock.now(), signal });
  }

  refusal(verb: StreamVerb, ref: ContainerRef): KubeletRefusal | undefined {
    const worker = this.#workers.get(`${ref.namespace}/${ref.pod}`);
    if (!worker) return { code: 404, message: 'pod does not exist' };
    if (verb === 'portforward') {
      if (worker.network) return undefined;
      return { code: 500, message: `pod not found (${quoted(`${ref.pod}_${ref.namespace}`)})` };
    }
    const container = findContainer(worker, containerName(worker.pod, ref));
    if (container?.run) return undefined;
    const name = ref.container ?? container?.name ?? '';
    const isExec = verb === 'exec';
    const message = isExec
      ? `container not found (${quoted(name)})`
      : `container ${name} not found in pod ${ref.pod}_${ref.namespace}`;
    return { code: 500, message };
  }

  async exec(ref: ContainerRef, options: ExecOptions): Promise<ExecProcess> {
    return this.#run('exec', ref).exec(options);
  }

  async attach(ref: ContainerRef, options: ExecOptions): Promise<ExecProcess> {
    const run = this.#run('attach', ref);
    const { spec } = this.#worker(ref.namespace, ref.pod).pod;
    const all = [
      ...spec.containers,
      ...(spec.initContainers ?? []),
      ...(spec.ephemeralContainers ?? []),
    ];
    const container = all.find(({ name }) => name === ref.container) ?? spec.containers[0];
    // Whether there is a terminal was decided when the container was made.
    return run.attach({
      ...options,
      isTty: container?.tty ?? false,
      hasStdin: options.hasStdin && (container?.stdin ?? false),
      endsInput: container?.stdinOnce ?? false,
    });
  }

  async portForward(
    { namespace, name }: { readonly namespace: string; readonly name: string },
    port: number,
  ): Promise<Duplex> {
    const worker = this.#worker(namespace, name);
    const { network } = worker;
    if (!network) throw badRequest(`pod not found (${quoted(`${name}_${namespace}`)})`);
    try {
      return await network.connect({ host: '127.0.0.1', port });
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      throw new ApiError(500, 'InternalError', portRefusal(worker.pod, port));
    }
  }

  nodeHttp(node: string, request: HttpRequest): Promise<HttpResponse> {
    return this.pages.answer(node, request);
  }

  #podsOn(node: string): readonly Pod[] {
    return [...this.#workers.values()].map(({ pod }) => pod).filter((pod) => isOn(pod, node));
  }

  #run(verb: StreamVerb, ref: ContainerRef) {
    const worker = this.#worker(ref.namespace, ref.pod);
    const run = findContainer(worker, containerName(worker.pod, ref))?.run;
    if (run) return run;
    const { message = 'the container is gone' } = this.refusal(verb, ref) ?? {};
    throw new ApiError(500, 'InternalError', `unable to upgrade connection: ${message}`);
  }

  #worker(namespace: string, pod: string): PodWorker {
    const worker = this.#workers.get(`${namespace}/${pod}`);
    if (!worker) throw podNotFound(pod);
    return worker;
  }
}

function findContainer(worker: PodWorker, name: string): PodContainer | undefined {
  return worker.containers.find((each) => each.name === name);
}

function podList(items: readonly Pod[]): object {
  return { kind: 'PodList', apiVersion: 'v1', metadata: {}, items };
}

function isOn(pod: Pod, node: string): boolean {
  return pod.spec.nodeName === node;
}

/** containerd's words; the sandbox is known by an id that only it uses, made here of the pod's own. */
function portRefusal(pod: Pod, port: number): string {
  const sandbox = (pod.metadata.uid ?? '').replaceAll('-', '').padEnd(64, '0');
  const networkNamespace = `/var/run/netns/cni-${pod.metadata.uid ?? ''}`;
  return (
    `error forwarding port ${port} to pod ${sandbox}, uid : failed to execute portforward in network namespace ` +
    `${quoted(networkNamespace)}: failed to connect to localhost:${port} inside namespace ${quoted(sandbox)}, ` +
    `IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused IPv6 dial tcp6 [::1]:${port}: connect: connection refused `
  );
}

async function* lines(text: string): AsyncGenerator<string> {
  yield text;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
