/** What the fuzz tests of this folder share: a server, and clients that send whatever they like. */
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

import type { Parameters as FuzzParameters } from 'fast-check';
import { parse } from 'yaml';

import { listen, startForTest } from '../fake-surroundings.ts';
import type { ApiServer } from '../index.ts';
import { listAt, stringAt } from '../objects/json.ts';

/** Fixed, so that a failure is seen again; fast-check prints the seed and the smallest case. */
const SEED = 20_260_501;
/** How long one answer may take, in milliseconds; the machine may be busy. */
const ANSWER_LIMIT_MS = 5_000;

/** How often a property is tried. */
export function runs<Case>(numRuns: number): FuzzParameters<Case> {
  return { seed: SEED, numRuns, endOnFailure: false };
}

/** An answer as the bytes on the wire say it. */
export interface RawAnswer {
  /** 0 when the server ended the connection without a word. */
  readonly status: number;
  readonly body: string;
}

/** An API server and its administrator, who talks to it in bytes. */
export class RawServer implements AsyncDisposable {
  readonly api: ApiServer;
  readonly #port: number;
  readonly #key: string;
  readonly #certificate: string;
  readonly #end: () => Promise<void>;

  static async start(): Promise<RawServer> {
    const { api } = await startForTest();
    const server = await listen(api);
    return new RawServer(api, server.port, async () => {
      await server[Symbol.asyncDispose]();
      await api[Symbol.asyncDispose]();
    });
  }

  private constructor(api: ApiServer, port: number, end: () => Promise<void>) {
    this.api = api;
    this.#port = port;
    this.#end = end;
    const config: unknown = parse(api.kubeconfig(''));
    const user = listAt(config, 'users')[0];
    const decode = (key: string) =>
      Buffer.from(stringAt(user, 'user', key) ?? '', 'base64').toString();
    this.#key = decode('client-key-data');
    this.#certificate = decode('client-certificate-data');
  }

  async open(): Promise<TLSSocket> {
    const socket = connect({
      host: '127.0.0.1',
      port: this.#port,
      key: this.#key,
      cert: this.#certificate,
      ca: this.api.caCertificate,
    });
    // The server may hang up at any time.
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    return socket;
  }

  /** Sends bytes and the end of them; gives the first answer. Rejects when none comes in time. */
  async send(bytes: Buffer): Promise<RawAnswer> {
    const socket = await this.open();
    socket.end(bytes);
    return readAnswer(socket);
  }

  /** Sends one well-formed request. */
  request(line: string, headers: Readonly<Record<string, string>>, body: Buffer) {
    const all = { host: 'x', connection: 'close', 'content-length': `${body.length}`, ...headers };
    const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    return this.send(
      Buffer.concat([Buffer.from(`${line} HTTP/1.1\r\n${head.join('')}\r\n`), body]),
    );
  }

  /** Whether the server still does what it is for. */
  async isWell(): Promise<boolean> {
    const { status, body } = await this.request('GET /healthz', {}, Buffer.alloc(0));
    return status === 200 && body === 'ok';
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end();
  }
}

/** Everything up to the end of the connection, as an answer. */
export async function readAnswer(socket: TLSSocket): Promise<RawAnswer> {
  const chunks: Buffer[] = [];
  const late = setTimeout(() => socket.destroy(new Error('The answer is late')), ANSWER_LIMIT_MS);
  let failure: Error | undefined;
  socket.on('error', (error) => {
    if (error.message === 'The answer is late') failure = error;
  });
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  if (!socket.closed) await new Promise((resolve) => socket.on('close', resolve));
  clearTimeout(late);
  if (failure) throw failure;
  return parseAnswer(Buffer.concat(chunks).toString('utf8'));
}

function parseAnswer(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
  return { status, body: text.slice(end + 4) };
}
