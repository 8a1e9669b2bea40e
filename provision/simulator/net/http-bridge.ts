import http, {
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';

import { resetStream } from './byte-stream.ts';
import type { Caller, HttpHandler, HttpResponse } from './http.ts';
import { BODY_BYTES } from './limits.ts';
import { NetworkError } from './network.ts';
import { readWhole } from './read-whole.ts';
import { headersOfHttp1, HOP_HEADERS } from './wire-headers.ts';

/** How one kind of server differs from Node's. */
export interface BridgeOptions {
  /** Longest headers of one request, in bytes. Default: Node's, 16 KiB. */
  readonly headersLimitBytes?: number;
  /** Whether HTTP/1.0 is answered with 426. Default: it is served. */
  readonly refusesHttp10?: boolean;
  /** The whole answer to what cannot be read. Default: Node's. */
  readonly refusal?: (status: number, reason: string) => string;
}

/** Requests are handed on whole, which a connection that becomes something else is not. */
const SWITCH_WORDS = 'The simulator passes on requests, not WebSockets and tunnels\n';
const SWITCH_REFUSED =
  'HTTP/1.1 501 Not Implemented\r\ncontent-type: text/plain\r\nconnection: close\r\n' +
  `content-length: ${SWITCH_WORDS.length}\r\n\r\n${SWITCH_WORDS}`;

/** How long a connection without a request is kept. */
const KEEP_ALIVE_MS = 60_000;

interface Conversation {
  readonly handle: HttpHandler;
  readonly peer: Caller;
  /** Requests without an answer yet. */
  waiting: number;
  /** Whether the client has said all it has to say. */
  isHeard: boolean;
}

/**
 * Where bytes become requests: speaks HTTP/1.1 on real sockets and in-memory streams, and hands each request to the
 * handler that was given with its connection. It listens nowhere by itself.
 */
export class HttpBridge {
  readonly #conversations = new WeakMap<Duplex, Conversation>();
  readonly #server: Server;
  readonly #refusesHttp10: boolean;

  constructor({ headersLimitBytes, refusesHttp10 = false, refusal }: BridgeOptions = {}) {
    this.#refusesHttp10 = refusesHttp10;
    this.#server = http.createServer(
      {
        keepAliveTimeout: KEEP_ALIVE_MS,
        // An offer of HTTP/2 (`Upgrade: h2c`) is passed over, as most servers do.
        shouldUpgradeCallback: ({ headers }) => /websocket/i.test(headers.upgrade ?? ''),
        ...(headersLimitBytes !== undefined && { maxHeaderSize: headersLimitBytes }),
      },
      (request, response) => void this.#answer(request, response),
    );
    // A client may close its half once it has asked (`printf … | nc`), and wants the answer all the same.
    Object.assign(this.#server, { httpAllowHalfOpen: true });
    if (refusal) {
      this.#server.on('clientError', (error, connection) => {
        const status = 'code' in error && error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
        if (connection.writable) connection.end(refusal(status, STATUS_CODES[status] ?? ''));
        else connection.destroy();
      });
    }
    this.#server.on('upgrade', refuseSwitch);
    this.#server.on('connect', refuseSwitch);
  }

  /** Serves one connection until either side ends it. */
  accept(connection: Duplex, peer: Caller, handle: HttpHandler): void {
    const conversation: Conversation = { handle, peer, waiting: 0, isHeard: false };
    this.#conversations.set(connection, conversation);
    this.#server.emit('connection', connection);
    connection.once('end', () => {
      conversation.isHeard = true;
      if (conversation.waiting === 0) connection.end();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const conversation = this.#conversations.get(request.socket);
    if (!conversation) {
      response.destroy();
      return;
    }
    conversation.waiting++;
    response.once('close', () => {
      conversation.waiting--;
      if (conversation.isHeard && conversation.waiting === 0) request.socket.end();
    });
    if (this.#refusesHttp10 && request.httpVersionMinor === 0) {
      response.writeHead(426, { connection: 'close', 'content-length': 0 }).end();
      return;
    }
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    try {
      const body = await readWhole(request, BODY_BYTES);
      if (!body) {
        response.writeHead(413, { connection: 'close' }).end();
        return;
      }
      const answer = await conversation.handle(
        {
          method: request.method ?? 'GET',
          path: request.url ?? '/',
          authority: request.headers.host ?? '',
          headers: headersOfHttp1(request.rawHeaders),
          body,
          signal: gone.signal,
        },
        conversation.peer,
      );
      send(response, answer, request.method === 'HEAD');
    } catch (error) {
      // Nothing listens, or the program is gone: the caller sees its connection reset.
      if (!(error instanceof NetworkError) && !gone.signal.aborted) response.writeHead(500).end();
      else resetStream(request.socket);
    }
  }
}

function refuseSwitch(_request: IncomingMessage, connection: Duplex): void {
  connection.end(SWITCH_REFUSED);
}

/** One for all clusters: it keeps nothing of theirs. */
export const httpBridge = new HttpBridge();

function send(response: ServerResponse, answer: HttpResponse, isHead: boolean): void {
  if (response.destroyed) return;
  for (const [name, value] of answer.headers) {
    if (!HOP_HEADERS.has(name)) response.appendHeader(name, value);
  }
  if (!answer.headers.has('content-length'))
    response.setHeader('content-length', answer.body.length);
  // Servers that keep a connection do not say so: Envoy and Go leave to HTTP/1.1 what is its default.
  if (response.shouldKeepAlive) response.removeHeader('connection');
  response.sendDate = false;
  response.writeHead(answer.status);
  response.end(isHead ? undefined : answer.body);
}
