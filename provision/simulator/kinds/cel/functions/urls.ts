/** url(), isURL() and the parts of a URL (Kubernetes documentation, "Kubernetes URL library"). */
import { bool, fn, list, map, method, param, string, type Overload } from '../overload.ts';
import { opaque } from '../type.ts';
import { CelList, EvaluationError, LiteralMap, Opaque } from '../value.ts';

const urlType = opaque('kubernetes.URL');

/** A URL as Go's url.ParseRequestURI reads it: absolute, or an absolute path. */
class Url extends Opaque {
  readonly type = urlType;
  readonly text: string;
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;

  constructor(text: string, parts: readonly (string | undefined)[]) {
    super();
    this.text = text;
    const [scheme = '', host = '', path = '', query = ''] = parts;
    this.scheme = scheme.toLowerCase();
    this.host = host;
    this.path = path;
    this.query = query;
  }

  isEqual(other: Opaque): boolean {
    return other instanceof Url && other.text === this.text;
  }
}

const anyUrl = param(urlType, (value) => value instanceof Url);

export const urls: readonly Overload[] = [
  fn('url', [string], anyUrl, urlOf),
  fn('isURL', [string], bool, (text) => read(text) instanceof Url),
  method('getScheme', [anyUrl], string, ({ scheme }) => scheme),
  method('getHost', [anyUrl], string, ({ host }) => host),
  method('getHostname', [anyUrl], string, ({ host }) =>
    host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1'),
  ),
  method('getPort', [anyUrl], string, ({ host }) => /:(\d*)$/.exec(host)?.[1] ?? ''),
  method('getEscapedPath', [anyUrl], string, ({ path }) => path),
  method('getQuery', [anyUrl], map(string, list(string)), ({ query }) => queryOf(query)),
];

function urlOf(text: string): Url {
  const url = read(text);
  if (url instanceof Url) return url;
  throw new EvaluationError(
    `URL parse error during conversion from string: parse ${JSON.stringify(text)}: ${url}`,
  );
}

/** The URL, or what Go has against it. */
function read(text: string): Url | string {
  if (text === '') return 'empty url';
  if (Array.from(text).some((char) => char < ' ' || char === '\u{7f}')) {
    return 'net/url: invalid control character in URL';
  }
  const match =
    /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/(?:[^/?@]*@)?([^/?]*))?([^?]*)(?:\?(.*))?$/s.exec(text);
  if (!match) return 'invalid URI for request';
  const [, scheme, host, path = '', query] = match;
  if (text.startsWith(':')) return 'missing protocol scheme';
  const isAbsolutePath = scheme === undefined && text.startsWith('/') && !text.startsWith('//');
  const isAbsolute = scheme !== undefined && (host !== undefined || path.startsWith('/'));
  if (!isAbsolutePath && !isAbsolute) return 'invalid URI for request';
  const problem = hostProblem(host ?? '') ?? escapeProblem(path);
  return problem ?? new Url(text, [scheme, host, escaped(path), query]);
}

function hostProblem(host: string): string | undefined {
  const [, port] = /^(?:\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(host) ?? [];
  if (port !== undefined && !/^\d*$/.test(port)) {
    return `invalid port ${JSON.stringify(`:${port}`)} after host`;
  }
  const wrong = /[ "<>^`{|}\\]/.exec(host)?.[0];
  return wrong && `invalid character ${JSON.stringify(wrong)} in host name`;
}

function escapeProblem(path: string): string | undefined {
  const wrong = /%(?![0-9A-Fa-f]{2}).{0,2}/s.exec(path)?.[0];
  return wrong && `invalid URL escape ${JSON.stringify(wrong)}`;
}

function escaped(path: string): string {
  return path.replaceAll(/[ "<>^`{|}\\]|[^\x20-\x7e]/gu, (char) => encodeURIComponent(char));
}

function queryOf(query: string): LiteralMap {
  const entries = new Map<string, string[]>();
  for (const [key, value] of new URLSearchParams(query)) {
    entries.set(key, [...(entries.get(key) ?? []), value]);
  }
  return new LiteralMap([...entries].map(([key, values]) => [key, new CelList(values)] as const));
}
