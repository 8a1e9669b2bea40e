import type { Duplex } from 'node:stream';

import { httpBridge } from '../../net/http-bridge.ts';
import type { Caller, HttpHandler } from '../../net/http.ts';
import { serveHttp2 } from '../../net/http2-bridge.ts';
import type { Listener } from '../../net/network.ts';
import type { Outside } from '../../net/outside.ts';
import { acceptTls } from '../../net/tls-server.ts';
import { publicAuthority } from './authority.ts';
import type { Site, Surroundings } from './site.ts';
import { SITES } from './sites.ts';

/** The world outside a cluster: stand-ins for some sites of the internet, with HTTP on port 80 and TLS on 443. */
export function createWorld(surroundings: Surroundings): Outside {
  const listeners = new Map<string, Listener>();
  return {
    addresses(name) {
      const found = SITES.find(({ names }) => names.some((pattern) => isNamed(name, pattern)));
      return found ? [found.ip] : [];
    },
    listenerAt({ ip, port }) {
      const key = `${ip}:${port}`;
      const known = listeners.get(key);
      if (known) return known;
      const site = SITES.find((one) => one.ip === ip);
      const made = site && listenerOf(site, port, surroundings);
      if (made) listeners.set(key, made);
      return made;
    },
  };
}

function listenerOf(site: Site, port: number, surroundings: Surroundings): Listener | undefined {
  if (port === 80) return { type: 'http', handle: handlerOf(site, surroundings, false) };
  if (port !== 443) return undefined;
  const handle = handlerOf(site, surroundings, true);
  return {
    type: 'tcp',
    accept: (connection, from) => void serve(connection, { site, from, handle }),
  };
}

function handlerOf({ answer }: Site, surroundings: Surroundings, isSecure: boolean): HttpHandler {
  return async (request, from) => {
    const response = await answer({ request, from, isSecure, ...surroundings });
    const { headers } = response;
    if (!headers.has('date')) headers.set('date', new Date(surroundings.clock.now()).toUTCString());
    if (!headers.has('server')) headers.set('server', 'regatta');
    return response;
  };
}

interface Serving {
  readonly site: Site;
  readonly from: Caller;
  readonly handle: HttpHandler;
}

async function serve(connection: Duplex, { site, from, handle }: Serving): Promise<void> {
  const { identityFor } = publicAuthority();
  connection.on('error', () => connection.destroy());
  const [own = ''] = site.names;
  try {
    const { cert, key } = identityFor(own);
    const secure = await acceptTls(connection, {
      cert,
      key,
      ALPNProtocols: ['h2', 'http/1.1'],
      SNICallback: (name, done) => {
        // All names below one share its certificate; a client that names somebody else is shown the site's own.
        const shown = site.names.find((pattern) => isNamed(name, pattern)) ?? own;
        done(null, identityFor(shown).context);
      },
    });
    if (secure.alpnProtocol === 'h2') serveHttp2(secure, from, handle);
    else httpBridge.accept(secure, from, handle);
  } catch {
    // The client has gone, or could not agree with us: it knows why.
    connection.destroy();
  }
}

/** Whether a name is the pattern, or directly below it for `*.example.com`. */
function isNamed(name: string, pattern: string): boolean {
  if (!pattern.startsWith('*.')) return name === pattern;
  return (
    name.endsWith(pattern.slice(1)) && /^[a-z0-9-]+\./.test(name) && depth(name) === depth(pattern)
  );
}

function depth(name: string): number {
  return name.split('.').length;
}
