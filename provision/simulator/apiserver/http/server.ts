import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server as HttpsServer } from 'node:https';
import type { Server, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

import { ApiError } from '../../client/api-error.ts';
import { authenticate, userOfCertificate } from '../auth/authenticate.ts';
import { flowOf, type FlowUids } from '../auth/flow.ts';
import { impersonated } from '../auth/impersonate.ts';
import { authorize, refusal } from '../auth/rbac.ts';
import { asApiError, badRequest, unauthorized } from '../errors.ts';
import { HEADER_LIMIT_BYTES, HEADER_LIMIT_MS, KEEP_ALIVE_LIMIT_MS } from '../limits.ts';
import { makeUid } from '../objects/names.ts';
import type { User } from '../rest/context.ts';
import { isSpdy } from '../streams/spdy.ts';
import { isWebSocket } from '../streams/websocket.ts';
import { Connections } from './connections/connections.ts';
import { Load } from './connections/load.ts';
import { handleUpgrade, refuseUpgrade } from './connections/upgrade.ts';
import { sendError, type Exchange, type ServerContext } from './exchange.ts';
import { handlePath } from './path-handler.ts';
import { attributesOf, parseRequest, type RequestInfo } from './requests/request-info.ts';
import { handleResource } from './resource-handler.ts';

/** The HTTPS side of one cluster's API server; it answers on sockets that others opened. */
export class HttpFront implements AsyncDisposable {
  readonly #context: ServerContext;
  readonly #https: HttpsServer;
  readonly #connections: Connections;
  readonly #load = new Load();
  readonly #served = new Map<Server, (socket: Socket) => void>();

  constructor(context: ServerContext) {
    this.#context = context;
    this.#connections = new Connections(context.core.clock);
    const { pki } = context;
    this.#https = createServer(
      {
        key: pki.serverKey,
        cert: pki.serverCertificate,
        ca: pki.caCertificate,
        requestCert: true,
        rejectUnauthorized: false,
        maxHeaderSize: HEADER_LIMIT_BYTES,
        handshakeTimeout: HEADER_LIMIT_MS,
        keepAliveTimeout: KEEP_ALIVE_LIMIT_MS,
        // Watches and logs stay open; slow headers and bodies have limits of their own.
        requestTimeout: 0,
        headersTimeout: 0,
        // Other protocols than these are passed over, as RFC 9110 wants it.
        shouldUpgradeCallback: (request) => isSpdy(request) || isWebSocket(request),
      },
      (request, response) => void this.#answer(request, response),
    );
    this.#https.on('upgrade', (request, socket, head) => void this.#upgrade(request, socket, head));
    this.#https.on('secureConnection', (socket) => this.#connections.expectFirst(socket));
    this.#https.on('clientError', answerNonsense);
    this.#https.on('tlsClientError', answerUnsecured);
  }

  /** Answers on a socket that already listens; disposing of the result stops that, closing the socket is the caller's. */
  serve(server: Server): Disposable {
    const accept = (socket: Socket) => this.accept(socket);
    server.on('connection', accept);
    this.#served.set(server, accept);
    return {
      [Symbol.dispose]: () => {
        server.off('connection', accept);
        this.#served.delete(server);
      },
    };
  }

  /** Answers on a connection that somebody else has accepted. */
  accept(connection: Duplex): void {
    if (this.#connections.admit(connection)) this.#https.emit('connection', connection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [server, accept] of this.#served) server.off('connection', accept);
    this.#served.clear();
    this.#connections.destroy();
    this.#https.removeAllListeners();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request;
    this.#connections.requested(socket);
    response.on('finish', () => this.#connections.expectNext(socket));
    try {
      response.setHeader('audit-id', makeUid(this.#context.core.random));
      response.setHeader('cache-control', 'no-cache, private');
      const { info, ...exchange } = this.#admit(request, response);
      this.#load.admit(info, response);
      await route({ ...exchange, request, response }, info);
    } catch (error) {
      fail(response, error);
    }
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    this.#connections.requested(socket);
    try {
      const { info, ...exchange } = this.#admit(request);
      if (info.type === 'path') {
        throw badRequest('the server does not switch protocols on this path');
      }
      if (!this.#connections.upgrade(socket)) throw tooManyStreams();
      await handleUpgrade({ ...exchange, request, socket, head }, info);
    } catch (error) {
      refuseUpgrade(socket, asApiError(error));
    }
  }

  /** Authentication, impersonation and authorization. */
  #admit(
    request: IncomingMessage,
    response?: ServerResponse,
  ): Omit<Exchange, 'request' | 'response'> & { info: RequestInfo } {
    const context = this.#context;
    const [path, search] = splitUrl(request.url ?? '/');
    const query = new URLSearchParams(search);
    const info = parseRequest(request.method ?? 'GET', path, query);
    const user = this.#userOf(request);
    const { store } = context.core;
    const attributes = attributesOf(info);
    if (response) nameFlow(response, flowOf(store, user, attributes));
    const { isAllowed, reason } = authorize(store, user, attributes);
    if (!isAllowed) throw refusal(user, attributes, reason);
    return { context, path, query, user, info };
  }

  #userOf(request: IncomingMessage): User {
    const { pki, core } = this.#context;
    const { socket } = request;
    const user = authenticate(
      {
        certificate: socket instanceof TLSSocket ? userOfCertificate(socket) : undefined,
        authorization: request.headers.authorization,
      },
      { pki, store: core.store, nowMs: core.clock.now() },
    );
    if (!user) throw unauthorized();
    return impersonated(core.store, user, request);
  }
}

/** Nothing ever queues here; upstream's answers say all the same where they would have. */
function nameFlow(response: ServerResponse, flow: FlowUids | undefined): void {
  if (!flow) return;
  response.setHeader('x-kubernetes-pf-flowschema-uid', flow.flowSchema);
  response.setHeader('x-kubernetes-pf-prioritylevel-uid', flow.priorityLevel);
}

function route(exchange: Exchange, info: RequestInfo): void | Promise<void> {
  return info.type === 'path' ? handlePath(exchange, info) : handleResource(exchange, info);
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const answer = asApiError(error);
  // What is left of the body is not waited for.
  if (answer.code === 413 || answer.code === 504) response.setHeader('connection', 'close');
  sendError(response, answer);
}

/** What Go's server says to a client that forgot the s of https; one that goes away in the middle of a handshake is nobody's error. */
function answerUnsecured(error: Error & { readonly code?: string }, socket: TLSSocket): void {
  // The connection below the one that was to be secure, which Node has no public name for.
  const connection: unknown = Reflect.get(socket, '_parent');
  if (error.code === 'ERR_SSL_HTTP_REQUEST' && connection instanceof Duplex) {
    const text = 'Client sent an HTTP request to an HTTPS server.\n';
    connection.end(`HTTP/1.0 400 Bad Request\r\n\r\n${text}`);
  }
  socket.destroy();
}

/** What Go's server says to bytes that are no request. */
function answerNonsense(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const isLong = error.code === 'HPE_HEADER_OVERFLOW';
  const status = isLong ? '431 Request Header Fields Too Large' : '400 Bad Request';
  const head = 'Content-Type: text/plain; charset=utf-8\r\nConnection: close';
  socket.end(`HTTP/1.1 ${status}\r\n${head}\r\n\r\n${status}`);
}

function tooManyStreams(): ApiError {
  return new ApiError(429, 'TooManyRequests', 'Too many requests, please try again later.', {
    retryAfterSeconds: 1,
  });
}

function splitUrl(url: string): readonly [string, string] {
  const index = url.indexOf('?');
  return index < 0 ? [url, ''] : [url.slice(0, index), url.slice(index + 1)];
}
