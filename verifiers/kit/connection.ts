import https from 'node:https';

import { ApiException, KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node';

/** How long one read may take before it counts as unanswered. */
const READ_LIMIT_MS = 5_000;
/** Larger answers of a proxied service are cut: a verifier looks for a sentence, not at a download. */
const PROXY_BODY_LIMIT_BYTES = 1024 * 1024;

/** An open line to one cluster's API server: the official client for objects, plain requests for streams. */
export class ClusterConnection implements Disposable {
  readonly objects: KubernetesObjectApi;
  readonly #config = new KubeConfig();
  readonly #agent = new https.Agent({ keepAlive: true, maxSockets: 32 });

  /** @throws Error when the kubeconfig is not one */
  constructor(kubeconfig: string) {
    this.#config.loadFromString(kubeconfig);
    this.objects = KubernetesObjectApi.makeApiClient(this.#config);
  }

  /** Opens a GET request; the caller reads and destroys the response. */
  async open(path: string, signal: AbortSignal): Promise<ResponseStream> {
    const server = this.#config.getCurrentCluster()?.server;
    if (!server) throw new Error('Cannot reach the cluster: its kubeconfig names no server');
    const options: https.RequestOptions = { agent: this.#agent, signal };
    await this.#config.applyToHTTPSOptions(options);
    options.agent = this.#agent;
    return new Promise((resolve, reject) => {
      https
        .get(new URL(path, server), options, (response) => {
          resolve({ status: response.statusCode ?? 0, body: response });
        })
        .on('error', reject);
    });
  }

  /** A whole answer as text; undefined when nothing answers in time. */
  async read(path: string): Promise<{ status: number; body: string } | undefined> {
    try {
      const { status, body } = await this.open(path, AbortSignal.timeout(READ_LIMIT_MS));
      let text = '';
      body.setEncoding('utf8');
      for await (const chunk of body) {
        text += String(chunk);
        if (text.length > PROXY_BODY_LIMIT_BYTES) break;
      }
      return { status, body: text };
    } catch {
      return undefined;
    }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

interface ResponseStream {
  readonly status: number;
  readonly body: NodeJS.ReadableStream & AsyncIterable<unknown>;
}

/** Whether the API server says that the object, or its kind, does not exist. */
export function isAbsent(error: unknown): boolean {
  if (error instanceof ApiException) return error.code === 404;
  return error instanceof Error && /Unrecognized API version and kind/.test(error.message);
}
