import https from 'node:https';

import type { KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node';

/** How long one read may take before it counts as unanswered. */
const READ_LIMIT_MS = 5_000;
/** Larger answers of a proxied service are cut: a verifier looks for a sentence, not at a download. */
const PROXY_BODY_LIMIT_BYTES = 1024 * 1024;

/** An open line to one cluster's API server: the official client for objects, plain requests for streams. */
export class ClusterConnection implements Disposable {
  readonly objects: KubernetesObjectApi;
  readonly #config: KubeConfig;
  readonly #agent = new https.Agent({ keepAlive: true, maxSockets: 32 });

  private constructor(config: KubeConfig, objects: KubernetesObjectApi) {
    this.#config = config;
    this.objects = objects;
  }

  /**
   * Loads the client (a third of a second, once) and makes a connection; nothing is asked yet.
   * @throws Error when the kubeconfig is not one
   */
  static async open(kubeconfig: string): Promise<ClusterConnection> {
    const client = await import('@kubernetes/client-node');
    const config = new client.KubeConfig();
    config.loadFromString(kubeconfig);
    return new ClusterConnection(config, client.KubernetesObjectApi.makeApiClient(config));
  }

  /** Opens a GET request; the caller reads and destroys the response. */
  async get(path: string, signal: AbortSignal): Promise<ResponseStream> {
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
      const { status, body } = await this.get(path, AbortSignal.timeout(READ_LIMIT_MS));
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
  if (!(error instanceof Error)) return false;
  if ('code' in error && error.code === 404) return true;
  return /Unrecognized API version and kind/.test(error.message);
}
