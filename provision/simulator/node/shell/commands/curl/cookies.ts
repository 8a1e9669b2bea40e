interface Cookie {
  readonly domain: string;
  readonly includesSubdomains: boolean;
  readonly path: string;
  readonly isSecure: boolean;
  /** Seconds since the epoch; 0 for the length of the session. */
  readonly expires: number;
  readonly isHttpOnly: boolean;
  readonly name: string;
  readonly value: string;
}

/** curl's cookie engine: what servers set, sent back, and kept in a file of Netscape's format. */
export class CookieJar {
  readonly #cookies = new Map<string, Cookie>();

  /** Takes in a cookie file (`-b FILE`). */
  load(text: string): void {
    for (const line of text.split('\n')) {
      const isHttpOnly = line.startsWith(HTTP_ONLY);
      const fields = (isHttpOnly ? line.slice(HTTP_ONLY.length) : line).split('\t');
      const [domain, subdomains, path, secure, expires, name, value] = fields;
      if (!domain || domain.startsWith('#') || !name) continue;
      this.#put({
        domain: domain.replace(/^\./, ''),
        includesSubdomains: subdomains === 'TRUE',
        path: path ?? '/',
        isSecure: secure === 'TRUE',
        expires: Number(expires),
        isHttpOnly,
        name,
        value: value ?? '',
      });
    }
  }

  /** Takes in a Set-Cookie header (RFC 6265). */
  set(header: string, url: URL, nowMs: number): void {
    const [pair = '', ...attributes] = header.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    if (at < 1) return;
    const found = new Map(attributes.map((text) => attribute(text)));
    const domain = found.get('domain')?.replace(/^\./, '');
    const maxAge = found.get('max-age');
    const date = Date.parse(found.get('expires') ?? '') / 1000;
    const expires = maxAge === undefined ? date || 0 : Math.floor(nowMs / 1000) + Number(maxAge);
    this.#put({
      domain: domain ?? url.hostname,
      includesSubdomains: domain !== undefined,
      path: found.get('path') ?? (url.pathname.slice(0, url.pathname.lastIndexOf('/')) || '/'),
      isSecure: found.has('secure'),
      expires,
      isHttpOnly: found.has('httponly'),
      name: pair.slice(0, at),
      value: pair.slice(at + 1),
    });
  }

  /** The Cookie header for a request; undefined when there is nothing to send. */
  header(url: URL, nowMs: number): string | undefined {
    const sent = [...this.#cookies.values()].filter((cookie) => matches(cookie, url, nowMs));
    if (sent.length === 0) return undefined;
    return sent.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  /** The cookie file (`-c FILE`). */
  toString(): string {
    const lines = [...this.#cookies.values()].map((cookie) =>
      [
        `${cookie.isHttpOnly ? HTTP_ONLY : ''}${cookie.includesSubdomains ? '.' : ''}${cookie.domain}`,
        cookie.includesSubdomains ? 'TRUE' : 'FALSE',
        cookie.path,
        cookie.isSecure ? 'TRUE' : 'FALSE',
        String(cookie.expires),
        cookie.name,
        cookie.value,
      ].join('\t'),
    );
    return ['# Netscape HTTP Cookie File', '', ...lines, ''].join('\n');
  }

  #put(cookie: Cookie): void {
    this.#cookies.set(`${cookie.domain} ${cookie.path} ${cookie.name}`, cookie);
  }
}

const HTTP_ONLY = '#HttpOnly_';

function attribute(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text.toLowerCase(), ''] : [text.slice(0, at).toLowerCase(), text.slice(at + 1)];
}

function matches(cookie: Cookie, url: URL, nowMs: number): boolean {
  if (cookie.expires !== 0 && cookie.expires * 1000 <= nowMs) return false;
  if (cookie.isSecure && url.protocol !== 'https:') return false;
  const isHost =
    url.hostname === cookie.domain ||
    (cookie.includesSubdomains && url.hostname.endsWith(`.${cookie.domain}`));
  return isHost && (cookie.path === '/' || `${url.pathname}/`.startsWith(`${cookie.path}/`));
}
