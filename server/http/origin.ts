import type { IncomingMessage } from 'node:http';

const LOOPBACK_NAME = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/;

/**
 * Whether the Host header is one this server answers to. A server on loopback answers to loopback names alone, so that a
 * foreign page whose name is made to point here (DNS rebinding) gets nothing.
 */
export function isOwnHost(hostHeader: string | undefined, listenHost: string): boolean {
  if (hostHeader === undefined) return false;
  if (!LOOPBACK_NAME.test(listenHost) && listenHost !== '::1') return true;
  return LOOPBACK_NAME.test(hostHeader.replace(/:\d+$/, ''));
}

/**
 * Whether a browser says that another site's page, or a link on one, has made the request. Such requests come without
 * our cookie: answering them with a new one would make its learner somebody else.
 */
export function isFromForeignPage({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

/** Whether a request that changes something comes from a page of this server: its Origin is the host it asks. */
export function isSameOrigin(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || host === undefined) return false;
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}
