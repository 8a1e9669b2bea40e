import { Agent, request } from 'node:https';

import { KubeConfig } from '@kubernetes/client-node';

import { createProvider, type StartingState } from '../../../provision/index.ts';

/** A cluster in a host process, as sessions have it, and a line to its API server. */
export interface HostedCluster extends AsyncDisposable {
  readonly kubeconfig: string;
  /**
   * One request over a connection that stays open; the body of the answer.
   * @throws Error for a status of 300 or more
   */
  ask(method: string, path: string, body?: object): Promise<string>;
}

/** Starts a cluster in a host process of its own. */
export async function startHostedCluster(startingState: StartingState): Promise<HostedCluster> {
  await using stack = new AsyncDisposableStack();
  const provider = stack.use(createProvider('simulated'));
  const cluster = stack.use(await provider.create({ startingState }));
  const config = new KubeConfig();
  config.loadFromString(cluster.serverKubeconfig);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  stack.defer(() => agent.destroy());
  const credentials = {};
  await config.applyToHTTPSOptions(credentials);
  const server = config.getCurrentCluster()?.server;
  const owned = stack.move();
  return {
    kubeconfig: cluster.serverKubeconfig,
    ask: (method, path, body) =>
      send(new URL(path, server), { ...credentials, agent, method }, body),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function send(url: URL, options: object, body: object | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request(url, { ...options, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        if ((response.statusCode ?? 500) < 300) resolve(text);
        else reject(new Error(`${url.pathname} gave ${response.statusCode}: ${text}`));
      });
    });
    sent.on('error', reject);
    sent.end(body && JSON.stringify(body));
  });
}
