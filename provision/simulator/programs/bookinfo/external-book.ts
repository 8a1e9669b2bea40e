import { at, isObject, listAt } from '../../kinds/json.ts';
import type { Json } from '../../kinds/object.ts';
import type { HttpHeaders, HttpResponse } from '../../net/http.ts';
import { NetworkError, type NetworkErrorCode } from '../../net/network.ts';
import { AUTHORITIES_PATH } from '../../node/shell/authorities.ts';
import {
  requestSecurely,
  SecureRequestError,
} from '../../node/shell/commands/curl/secure-request.ts';
import { untilAborted } from '../../node/shell/commands/until-aborted.ts';
import type { ContainerContext } from '../program.ts';
import { forwardedHeaders } from './forwarded-headers.ts';

const HOST = 'www.googleapis.com';
const PATH = '/books/v1/volumes?q=isbn:0486424618';
const READ_TIMEOUT_MS = 5_000;

/**
 * What the book service on the internet says of the book, over TLS unless `DO_NOT_ENCRYPT` is `true`, so that the proxy
 * can do that; a text says what went wrong, in the words of Ruby's library.
 */
export async function externalBook(
  headers: HttpHeaders,
  context: ContainerContext,
): Promise<Readonly<Record<string, Json>> | string> {
  const late = new AbortController();
  using timer = context.clock.after(READ_TIMEOUT_MS, () => late.abort());
  void timer;
  const isPlain = context.env['DO_NOT_ENCRYPT'] === 'true';
  try {
    const response = await untilAborted(
      ask(headers, { context, isPlain, signal: late.signal }),
      late.signal,
    );
    return bookIn(response.body);
  } catch (error) {
    if (late.signal.aborted) {
      return isPlain
        ? 'Net::ReadTimeout with #<TCPSocket:(closed)>'
        : 'Net::ReadTimeout with #<OpenSSL::SSL::SSLSocket:(closed)>';
    }
    return reasonOf(error, isPlain ? 80 : 443);
  }
}

interface Asking {
  readonly context: ContainerContext;
  readonly isPlain: boolean;
  readonly signal: AbortSignal;
}

function ask(headers: HttpHeaders, { context, isPlain, signal }: Asking): Promise<HttpResponse> {
  const { network, readFile } = context;
  const sent = forwardedHeaders(headers);
  sent.set('accept', '*/*');
  if (!sent.has('user-agent')) sent.set('user-agent', 'Ruby');
  const request = {
    method: 'GET',
    path: PATH,
    authority: HOST,
    headers: sent,
    body: NOTHING,
    signal,
  };
  if (isPlain) return network.request({ host: HOST, port: 80 }, request);
  const target = { host: HOST, port: 443, serverName: HOST };
  const authorities = readFile(AUTHORITIES_PATH) ?? '';
  return requestSecurely(network, target, request, { isInsecure: false, authorities });
}

const NOTHING = new Uint8Array();

function bookIn(body: Uint8Array): Readonly<Record<string, Json>> | string {
  const text = Buffer.from(body).toString();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return `unexpected token at '${text.slice(0, 200)}'`;
  }
  const book = at(listAt(json, 'items')[0], 'volumeInfo');
  if (!isObject(book)) return "undefined method `[]' for nil:NilClass";
  const isbn = (type: string) =>
    listAt(book, 'industryIdentifiers').find((one) => isObject(one) && one['type'] === type);
  const [author] = listAt(book, 'authors');
  return {
    author: textOf(author),
    year: textOf(book['publishedDate']),
    type: book['printType'] === 'BOOK' ? 'paperback' : 'unknown',
    pages: typeof book['pageCount'] === 'number' ? book['pageCount'] : null,
    publisher: textOf(book['publisher']),
    language: book['language'] === 'en' ? 'English' : 'unknown',
    'ISBN-10': identifier(isbn('ISBN_10')),
    'ISBN-13': identifier(isbn('ISBN_13')),
  };
}

function identifier(one: unknown): Json {
  return isObject(one) ? textOf(one['identifier']) : null;
}

function textOf(value: unknown): Json {
  return typeof value === 'string' ? value : null;
}

function reasonOf(error: unknown, port: number): string {
  const place = `${HOST}:${port}`;
  if (error instanceof NetworkError) return REASONS[error.code](place);
  if (error instanceof SecureRequestError) {
    return error.curl.exitCode === 60
      ? 'SSL_connect returned=1 errno=0 state=error: certificate verify failed (unable to get local issuer certificate)'
      : `SSL_connect returned=1 errno=0 peeraddr=${place} state=error: wrong version number`;
  }
  return error instanceof Error ? error.message : 'unknown';
}

const REASONS: Readonly<Record<NetworkErrorCode, (place: string) => string>> = {
  ENOTFOUND: (place) =>
    `Failed to open TCP connection to ${place} (getaddrinfo: Name or service not known)`,
  ECONNREFUSED: (place) =>
    `Failed to open TCP connection to ${place} (Connection refused - connect(2) for "${HOST}" port ${place.split(':')[1]})`,
  EHOSTUNREACH: (place) => `Failed to open TCP connection to ${place} (No route to host)`,
  ETIMEDOUT: (place) => `Failed to open TCP connection to ${place} (execution expired)`,
  ECONNRESET: () => 'Connection reset by peer',
};
