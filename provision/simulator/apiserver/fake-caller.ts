import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';

import { parse } from 'yaml';

import type { ApiServer } from './index.ts';
import { at, listAt, stringAt } from './objects/json.ts';

/** What a caller shows of itself: a token, or a client certificate with its key in PEM. */
export type FakeCredentials = string | { readonly cert: string; readonly key: string };

/** Talks to a server over HTTPS, as the administrator unless other credentials are given. */
export class Caller {
  readonly #options: RequestOptions;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(api: ApiServer, port: number, credentials: FakeCredentials = adminOf(api)) {
    const isToken = typeof credentials === 'string';
    this.#options = {
      host: '127.0.0.1',
      port,
      ca: api.caCertificate,
      agent: false,
      ...(!isToken && credentials),
    };
    this.#headers = isToken ? { authorization: `Bearer ${credentials}` } : {};
  }

  async open(method: string, path: string, body?: object, headers = {}): Promise<IncomingMessage> {
    const request = httpsRequest({
      ...this.#options,
      method,
      path,
      headers: { ...this.#headers, ...headers },
    });
    request.end(body && JSON.stringify(body));
    const [response] = await once(request, 'response');
    return response;
  }

  /** The status and the JSON of an answer. */
  async call(method: string, path: string, body?: object, headers = {}) {
    const response = await this.open(method, path, body, headers);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(Buffer.from(chunk));
    const json: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return { status: response.statusCode, json };
  }
}

function adminOf(api: ApiServer): { readonly cert: string; readonly key: string } {
  const config: unknown = parse(api.kubeconfig(''));
  const user = at(listAt(config, 'users')[0], 'user');
  const decode = (key: string) => Buffer.from(stringAt(user, key) ?? '', 'base64').toString();
  return { cert: decode('client-certificate-data'), key: decode('client-key-data') };
}
