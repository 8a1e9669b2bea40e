import { Agent, request, type RequestOptions } from 'node:https';

import { KubeConfig } from '@kubernetes/client-node';

/** What is asked of an API server. */
export interface Question {
  readonly method?: string;
  readonly path: string;
  readonly body?: object;
  /** Media type of the body. Default JSON. */
  readonly type?: string;
  readonly accept?: string;
}

/** A line to an API server as a client has it: TLS, a client certificate, one connection that stays open. */
export interface ApiLine extends Disposable {
  /**
   * The body of the answer.
   * @throws Error for a status of 300 or more
   */
  ask(question: Question): Promise<string>;
  /** Calls `onText` with each piece of an answer that goes on, on a connection of its own; settles when it has begun. */
  watch(path: string, onText: (text: string) => void): Promise<Disposable>;
}

/** @param connections as many requests at a time. Default 1 */
export async function openApiLine(kubeconfig: string, connections = 1): Promise<ApiLine> {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const credentials: RequestOptions = {};
  await config.applyToHTTPSOptions(credentials);
  const server = config.getCurrentCluster()?.server;
  return {
    ask: (question) => send(new URL(question.path, server), { ...credentials, agent }, question),
    watch: (path, onText) => listen(new URL(path, server), credentials, onText),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

function send(url: URL, options: RequestOptions, question: Question): Promise<string> {
  const { method = 'GET', body, type = 'application/json', accept = 'application/json' } = question;
  return new Promise((resolve, reject) => {
    const text = body && JSON.stringify(body);
    const length = text && { 'content-type': type, 'content-length': Buffer.byteLength(text) };
    const headers = { accept, ...length };
    const sent = request(url, { ...options, method, headers }, (response) => {
      let answer = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (answer += chunk));
      response.on('end', () => {
        if ((response.statusCode ?? 500) < 300) resolve(answer);
        else reject(new Error(`${url.pathname} gave ${response.statusCode}: ${answer}`));
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });
}

function listen(
  url: URL,
  options: RequestOptions,
  onText: (text: string) => void,
): Promise<Disposable> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...options, agent: false }, (response) => {
      response.setEncoding('utf8');
      response.on('data', onText);
      // An end from this side is no error of the watch.
      response.on('error', () => undefined);
      resolve({ [Symbol.dispose]: () => sent.destroy() });
    });
    sent.on('error', reject);
    sent.end();
  });
}
