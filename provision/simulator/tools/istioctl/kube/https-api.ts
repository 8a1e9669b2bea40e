import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';

import type { JsonObject } from '../../../kinds/object.ts';
import { ISTIO_VERSION } from '../../../versions.ts';
import { CommandError } from '../cli/command.ts';
import type { ApiAnswer, ApiRequest, KubeApi } from './api.ts';
import { objectIn } from './json-text.ts';
import type { Access } from './kubeconfig.ts';

/** Requests of one command in flight at a time; more would only queue in the API server. */
const CONNECTIONS = 8;
/** A single answer larger than this is not one istioctl asks for. */
const ANSWER_LIMIT_BYTES = 64 * 1024 * 1024;

/** Connects to an API server; nothing is sent before the first call. */
export async function httpsApi(access: Access): Promise<KubeApi> {
  const url = new URL(access.server);
  const isPlain = url.protocol === 'http:';
  const { Agent, request } = isPlain ? await import('node:http') : await import('node:https');
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const base: RequestOptions & Record<string, unknown> = {
    agent,
    hostname: url.hostname.replaceAll(/^\[|\]$/g, ''),
    port: url.port || (isPlain ? 80 : 443),
    ...(access.ca !== undefined && { ca: access.ca }),
    ...(access.certificate !== undefined && { cert: access.certificate }),
    ...(access.key !== undefined && { key: access.key }),
    ...(access.serverName !== undefined && { servername: access.serverName }),
    rejectUnauthorized: access.isVerified,
  };
  const send = (asked: ApiRequest, signal?: AbortSignal) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const path = `${url.pathname.replace(/\/$/, '')}${asked.path}`;
      const sent: ClientRequest = request({
        ...base,
        ...(signal && { signal }),
        method: asked.method,
        path,
        headers: headersOf(access, asked),
      });
      sent.once('response', resolve);
      sent.once('error', (cause) =>
        reject(unreachable({ method: asked.method, url: `${access.server}${asked.path}` }, cause)),
      );
      sent.end(asked.body);
    });
  return {
    namespace: access.namespace,
    async call(asked) {
      const response = await send(asked);
      return answerOf(response.statusCode ?? 0, await textOf(response));
    },
    async watch(path, onEvent, signal) {
      try {
        const response = await send({ method: 'GET', path }, signal);
        for await (const line of linesOf(response)) onEvent(line);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

function headersOf(access: Access, { body, contentType }: ApiRequest): Record<string, string> {
  return {
    accept: 'application/json',
    'user-agent': `istioctl/${ISTIO_VERSION} (Regatta simulator)`,
    ...(access.authorization !== undefined && { authorization: access.authorization }),
    ...(body !== undefined && {
      'content-length': String(Buffer.byteLength(body)),
      'content-type': contentType ?? 'application/json',
    }),
  };
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    const data = Buffer.from(chunk);
    bytes += data.length;
    if (bytes > ANSWER_LIMIT_BYTES)
      throw new CommandError('the answer of the API server is too long');
    chunks.push(data);
  }
  return Buffer.concat(chunks).toString();
}

function answerOf(status: number, text: string): ApiAnswer {
  return { status, text, json: objectIn(text) };
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<JsonObject> {
  response.setEncoding('utf8');
  let pending = '';
  for await (const chunk of response) {
    const lines = `${pending}${chunk}`.split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      const event = objectIn(line);
      if (event) yield event;
    }
  }
}

/** Node's codes in the words of Go's net package, which every message about a cluster that is away is searched for by. */
const CAUSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ENOTFOUND: 'no such host',
  ETIMEDOUT: 'i/o timeout',
  ECONNRESET: 'read: connection reset by peer',
};

function unreachable(
  asked: { readonly method: string; readonly url: string },
  cause: Error,
): Error {
  if (cause.name === 'AbortError') return cause;
  const code = 'code' in cause ? String(cause.code) : '';
  const { host } = new URL(asked.url);
  const why = CAUSES[code];
  const verb = `${asked.method[0] ?? ''}${asked.method.slice(1).toLowerCase()}`;
  return new CommandError(
    `${verb} "${asked.url}": ${why === undefined ? cause.message : `dial tcp ${host}: ${why}`}`,
    undefined,
    { cause },
  );
}
