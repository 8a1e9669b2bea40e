import { randomBytes, timingSafeEqual } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';

import { parse, serialize } from 'cookie';

import type { Cluster } from '../../provision/index.ts';
import type { Tab } from '../labs/lab.ts';
import { PREVIEW_GRANT_MS } from '../limits.ts';
import { Problem } from '../problem.ts';
import { headersForBrowser, headersForCluster } from './preview-headers.ts';

const COOKIE = 'regatta_preview';
const OPEN_PATH = '/.regatta/open';

/** What a preview needs of a session. */
export interface PreviewedSession {
  whenReady(): Promise<{ readonly cluster: Pick<Cluster, 'forward'> }>;
  once(event: 'ended', listener: () => void): unknown;
}

interface Preview {
  readonly session: PreviewedSession;
  readonly tab: Tab;
  /** What the preview's own cookie must hold. */
  readonly key: string;
}

interface Grant {
  readonly name: string;
  readonly expiresMs: number;
}

/**
 * Web pages of learners' clusters. Each (session, tab) has a host name of its own, so that a page of the cluster shares no
 * origin and no cookie with ours; a grant that works once gives the frame a cookie for that name. What is asked for is
 * always the tab's Service in the session's own cluster: the client never names a host.
 */
export class Previews {
  /** For `frame-src` in our page's content security policy. */
  readonly frameSource: string;
  readonly #domain: string;
  readonly #now: () => number;
  readonly #previews = new Map<string, Preview>();
  readonly #grants = new Map<string, Grant>();

  constructor(domain: string, now: () => number = Date.now) {
    this.#domain = domain;
    this.#now = now;
    this.frameSource = domain === 'localhost' ? 'http://*.localhost:*' : `https://*.${domain}:*`;
  }

  /**
   * Address for a frame, good for one use.
   * @param origin of the page that will hold the frame
   * @throws Problem `tab-not-ready` while the cluster has nothing to show
   */
  async open(session: PreviewedSession, tab: Tab, origin: string): Promise<string> {
    // Named while the session surely lives: its end takes the name away.
    const name = this.#nameOf(session, tab);
    await this.#port(session, tab);
    const grant = randomBytes(16).toString('base64url');
    this.#forgetOldGrants();
    this.#grants.set(grant, { name, expiresMs: this.#now() + PREVIEW_GRANT_MS });
    const url = new URL(OPEN_PATH, origin);
    url.hostname = `${name}.${this.#domain}`;
    url.searchParams.set('grant', grant);
    return url.href;
  }

  /** Answers requests for a preview's host name; others go on to `next`. */
  handle(request: IncomingMessage, response: ServerResponse, next: () => void): void {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '');
    if (!host.endsWith(`.${this.#domain}`)) {
      next();
      return;
    }
    const name = host.slice(0, -this.#domain.length - 1);
    const preview = this.#previews.get(name);
    if (!preview) refuse(response, 404);
    else if (request.url?.split('?')[0] === OPEN_PATH)
      this.#redeem(name, preview, request, response);
    else if (!holdsKey(request, preview)) refuse(response, 403);
    else void this.#pass(preview, request, response);
  }

  #nameOf(session: PreviewedSession, tab: Tab): string {
    for (const [name, preview] of this.#previews) {
      if (preview.session === session && preview.tab.id === tab.id) return name;
    }
    const name = `p${randomBytes(6).toString('hex')}`;
    this.#previews.set(name, { session, tab, key: randomBytes(16).toString('base64url') });
    session.once('ended', () => this.#previews.delete(name));
    return name;
  }

  #redeem(
    name: string,
    preview: Preview,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const grant = new URL(request.url ?? '/', 'http://preview').searchParams.get('grant') ?? '';
    const known = this.#grants.get(grant);
    this.#grants.delete(grant);
    if (known?.name !== name || known.expiresMs < this.#now()) {
      refuse(response, 403);
      return;
    }
    // In a frame of another site only a cookie that says None is sent; browsers take Secure on localhost without TLS.
    const cookie = serialize(COOKIE, preview.key, {
      httpOnly: true,
      sameSite: 'none',
      secure: true,
      partitioned: true,
      path: '/',
    });
    response.writeHead(302, {
      'set-cookie': cookie,
      location: preview.tab.path,
      'cache-control': 'no-store',
    });
    response.end();
  }

  async #pass(
    { session, tab }: Preview,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    try {
      const port = await this.#port(session, tab);
      const headers = headersForCluster(request);
      const upstream = http.request(
        { host: '127.0.0.1', port, method: request.method, path: request.url, headers },
        (answer) => passOn(answer, response),
      );
      upstream.on('error', () => refuse(response, 502));
      // An answer such as 101 ends the request without an error and without a response.
      upstream.on('close', () => {
        if (!response.headersSent) refuse(response, 502);
      });
      response.on('close', () => upstream.destroy());
      request.pipe(upstream);
    } catch {
      refuse(response, 502);
    }
  }

  async #port(session: PreviewedSession, tab: Tab): Promise<number> {
    const { cluster } = await session.whenReady();
    const [namespace = '', name = ''] = tab.service.split('/');
    try {
      return await cluster.forward({ namespace, name, port: tab.port });
    } catch (cause) {
      throw new Problem(
        409,
        'tab-not-ready',
        `There is nothing to show yet: the Service ${tab.service} does not exist`,
        {
          cause,
        },
      );
    }
  }

  #forgetOldGrants(): void {
    for (const [grant, { expiresMs }] of this.#grants) {
      if (expiresMs < this.#now()) this.#grants.delete(grant);
    }
  }
}

function holdsKey(request: IncomingMessage, preview: Preview): boolean {
  const given = Buffer.from(parse(request.headers.cookie ?? '')[COOKIE] ?? '');
  const key = Buffer.from(preview.key);
  return given.length === key.length && timingSafeEqual(given, key);
}

function passOn(answer: IncomingMessage, response: ServerResponse): void {
  try {
    response.writeHead(answer.statusCode ?? 502, headersForBrowser(answer.headers));
  } catch {
    // A program may answer with what no server may send, such as status 99.
    answer.destroy();
    refuse(response, 502);
    return;
  }
  // An answer that breaks off ends the response as broken, not as complete; there is nobody else to tell.
  pipeline(answer, response, () => undefined);
}

function refuse(response: ServerResponse, status: number): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${http.STATUS_CODES[status] ?? 'Error'}\n`);
}
