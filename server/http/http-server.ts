import { createServer, type Server } from 'node:http';

import { CONNECTION_LOOK_MS, CONNECTIONS, HEADERS_MS, REQUEST_MS } from '../limits.ts';

/** How long a browser may take to say what it wants. */
export interface RequestTimes {
  readonly headersMs: number;
  readonly requestMs: number;
  readonly lookMs: number;
}

const TIMES: RequestTimes = {
  headersMs: HEADERS_MS,
  requestMs: REQUEST_MS,
  lookMs: CONNECTION_LOOK_MS,
};

/** A server that gives up browsers which send slowly or never (408), and refuses connections beyond a number. */
export function createHttpServer({ headersMs, requestMs, lookMs }: RequestTimes = TIMES): Server {
  const server = createServer({
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: lookMs,
  });
  server.maxConnections = CONNECTIONS;
  return server;
}
