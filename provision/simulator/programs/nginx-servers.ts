/** One server of an nginx configuration, as far as it is simulated (https://nginx.org/en/docs/http/configuring_https_servers.html). */
export interface NginxServer {
  readonly port: number;
  readonly root: string | undefined;
  /** Files of its certificate; undefined for plain HTTP. */
  readonly tls?: {
    readonly certificate: string;
    readonly key: string;
    /** Authorities of clients, which have to show a certificate. */
    readonly clientAuthorities: string | undefined;
  };
}

/** Longest configuration that is read, in characters. */
const CONFIGURATION_LIMIT = 256 * 1024;

/** The servers of a configuration, one for each port that they listen on; of several with the same port the first. */
export function nginxServers(configuration: string): readonly NginxServer[] {
  const text = configuration.slice(0, CONFIGURATION_LIMIT).replaceAll(/#.*/g, '');
  const servers = new Map<number, NginxServer>();
  for (const block of serverBlocks(text)) {
    for (const [, address = '', options = ''] of block.matchAll(/\blisten\s+([^\s;]+)([^;]*);/g)) {
      const port = Number(/(\d+)$/.exec(address)?.[1] ?? 80);
      const isSecure = /\bssl\b/.test(options);
      if (!servers.has(port)) servers.set(port, serverOf(block, port, isSecure));
    }
  }
  return [...servers.values()];
}

function serverOf(block: string, port: number, isSecure: boolean): NginxServer {
  const valueOf = (name: string) =>
    new RegExp(String.raw`\b${name}\s+"?([^\s;"]+)"?\s*;`).exec(block)?.[1];
  const [certificate, key] = [valueOf('ssl_certificate'), valueOf('ssl_certificate_key')];
  const root = valueOf('root');
  if (!isSecure || certificate === undefined || key === undefined) return { port, root };
  const asks = valueOf('ssl_verify_client') === 'on';
  const clientAuthorities = asks ? valueOf('ssl_client_certificate') : undefined;
  return { port, root, tls: { certificate, key, clientAuthorities } };
}

/** What stands between the braces of each `server { … }`. */
function serverBlocks(text: string): readonly string[] {
  const blocks: string[] = [];
  for (const { index, 0: start } of text.matchAll(/\bserver\s*\{/g)) {
    let depth = 1;
    let end = index + start.length;
    for (; end < text.length && depth > 0; end++) {
      if (text[end] === '{') depth++;
      else if (text[end] === '}') depth--;
    }
    blocks.push(text.slice(index + start.length, end - 1));
  }
  return blocks;
}
