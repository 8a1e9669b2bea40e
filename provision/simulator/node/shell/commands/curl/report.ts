import { STATUS_CODES } from 'node:http';

import { nameFitting } from '../../../../net/certificate-facts.ts';
import type { HttpHeaders, HttpResponse } from '../../../../net/http.ts';
import type { CurlOptions } from './options.ts';
import type { Exchange } from './transfer.ts';
import { redirectOf } from './transfer.ts';
import { portOf, requestPath } from './urls.ts';

/** The status line and headers, as `-i`, `-I` and `-D` print them. */
export function headText(response: HttpResponse, http: CurlOptions['http']): string {
  return `${headLines(response, http).join('\r\n')}\r\n\r\n`;
}

function headLines({ status, headers }: HttpResponse, http: CurlOptions['http']): string[] {
  return [statusLine(status, http), ...[...headers].map(([name, value]) => `${name}: ${value}`)];
}

function statusLine(status: number, http: CurlOptions['http']): string {
  if (http === '2') return `HTTP/2 ${status} `;
  return `HTTP/${http ?? '1.1'} ${status} ${STATUS_CODES[status] ?? ''}`;
}

/** What `-v` writes about one exchange to standard error. */
export function verboseText(exchange: Exchange, options: CurlOptions): string {
  const { url, error, response, remoteIp } = exchange;
  const at = `${url.hostname}:${portOf(url)}`;
  if (error?.exitCode === 6) return `* ${error.message}\n* shutting down connection #0\n`;
  const http = exchange.http ?? options.http;
  const opening = [
    ...(url.hostname === remoteIp
      ? []
      : [`* Host ${at} was resolved.`, '* IPv6: (none)', `* IPv4: ${remoteIp}`]),
    `*   Trying ${remoteIp}:${exchange.remotePort}...`,
  ];
  if (error && [7, 28, 35].includes(error.exitCode) && !error.message.startsWith('Operation')) {
    return [...opening, `* ${error.message}`, '* closing connection #0', ''].join('\n');
  }
  return [
    ...opening,
    ...securedLines(exchange),
    `* Connected to ${url.hostname} (${remoteIp}) port ${exchange.remotePort}`,
    `* using HTTP/${http === '2' ? '2' : '1.x'}`,
    ...requestLines(exchange, http),
    ...(exchange.bodyBytes > 0
      ? [`* upload completely sent off: ${exchange.bodyBytes} bytes`]
      : ['* Request completely sent off']),
    ...(response
      ? headLines(response, http)
          .map((line) => `< ${line}\r`)
          .concat('< \r')
      : []),
    error ? `* ${error.message}` : `* Connection #0 to host ${url.hostname} left intact`,
    ...(error ? ['* closing connection #0'] : []),
    '',
  ].join('\n');
}

/** What was agreed on in TLS; the messages of the handshake themselves are left out. */
function securedLines({ secured, url }: Exchange): readonly string[] {
  if (!secured) return [];
  const { version, cipher, protocol, subject, issuer } = secured;
  const matched = nameFitting(url.hostname, secured.altNames);
  return [
    `* SSL connection using ${version} / ${cipher}`,
    protocol === undefined
      ? '* ALPN: server did not agree on a protocol. Uses default.'
      : `* ALPN: server accepted ${protocol}`,
    '* Server certificate:',
    `*  subject: ${subject}`,
    `*  start date: ${secured.notBefore}`,
    `*  expire date: ${secured.notAfter}`,
    ...(matched === undefined
      ? []
      : [`*  subjectAltName: host "${url.hostname}" matched cert's "${matched}"`]),
    `*  issuer: ${issuer}`,
    secured.isVerified
      ? '*  SSL certificate verify ok.'
      : '*  SSL certificate verify result: unable to get local issuer certificate (20), continuing anyway.',
  ];
}

function requestLines(
  { method, url, requestHeaders }: Exchange,
  http: CurlOptions['http'],
): string[] {
  const version = http === '2' ? '2' : (http ?? '1.1');
  return [
    `> ${method} ${requestPath(url)} HTTP/${version}\r`,
    ...[...requestHeaders].map(([name, value]) => `> ${canonical(name)}: ${value}\r`),
    '> \r',
  ];
}

/** Header names as curl itself writes them; those of `-H` lose their case on the way and come out like the rest. */
function canonical(name: string): string {
  return name.replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}

/** Fills in a `-w` format (curl manual, `--write-out`). */
export function writeOut(
  format: string,
  exchanges: readonly Exchange[],
  outcome: Outcome,
): { stdout: string; stderr: string } {
  const texts = { stdout: '', stderr: '' };
  let to: 'stdout' | 'stderr' = 'stdout';
  const pattern = /%\{(?:header\{)?([^}]*)\}{1,2}|%%|\\[nrt]|[\s\S]/g;
  for (const [token, name] of format.matchAll(pattern)) {
    if (token === '%{stderr}') to = 'stderr';
    else if (token === '%{stdout}') to = 'stdout';
    else if (name === undefined) texts[to] += ESCAPES[token] ?? token;
    else if (token.startsWith('%{header{')) texts[to] += headersOf(exchanges).get(name) ?? '';
    else texts[to] += variable(name, exchanges, outcome);
  }
  return texts;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '%%': '%',
  '\\n': '\n',
  '\\r': '\r',
  '\\t': '\t',
};

function headersOf(exchanges: readonly Exchange[]): Pick<HttpHeaders, 'get'> {
  return exchanges.at(-1)?.response?.headers ?? { get: () => undefined };
}

interface Outcome {
  readonly exitCode: number;
  readonly message: string;
}

function variable(name: string, exchanges: readonly Exchange[], outcome: Outcome): string {
  const [first, last] = [exchanges[0], exchanges.at(-1)];
  if (!first || !last) return '';
  const { response } = last;
  if (name === 'header_json') return headerJson(response);
  const totalMs = last.endedMs - first.startedMs;
  const values: Readonly<Record<string, string>> = {
    ...responseVariables(last, totalMs),
    ...addressVariables(first, last),
    time_total: seconds(totalMs),
    time_redirect: seconds(last.startedMs - first.startedMs),
    num_connects: String(exchanges.length),
    num_redirects: String(exchanges.length - 1),
    exitcode: String(outcome.exitCode),
    errormsg: outcome.message,
  };
  // Names and connections take no time on the virtual network.
  return values[name] ?? (name.startsWith('time_') ? seconds(0) : '');
}

function responseVariables({ response, http, secured }: Exchange, totalMs: number) {
  const size = response?.body.byteLength ?? 0;
  const status = String(response?.status ?? 0).padStart(3, '0');
  return {
    http_code: status,
    response_code: status,
    http_version: response ? (http ?? '1.1') : '0',
    // 20: the issuer is not known (X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY).
    ssl_verify_result: secured && !secured.isVerified ? '20' : '0',
    time_starttransfer: seconds(response ? totalMs : 0),
    size_download: String(size),
    size_header: String(response ? headText(response, undefined).length : 0),
    speed_download: String(totalMs > 0 ? Math.round((size * 1000) / totalMs) : 0),
    num_headers: String(response ? [...response.headers].length : 0),
    content_type: response?.headers.get('content-type') ?? '',
  };
}

function addressVariables(first: Exchange, last: Exchange) {
  return {
    url_effective: last.url.href,
    url: first.url.href,
    scheme: last.url.protocol.slice(0, -1),
    method: last.method,
    remote_ip: last.remoteIp,
    remote_port: String(last.remotePort),
    local_port: String(last.localPort),
    size_upload: String(last.bodyBytes),
    redirect_url: redirectOf(last)?.href ?? '',
  };
}

function headerJson(response: HttpResponse | undefined): string {
  const names: Record<string, string[]> = {};
  for (const [name, value] of response?.headers ?? []) (names[name] ??= []).push(value);
  return JSON.stringify(names);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(6);
}

/** The progress meter that curl shows when its output goes somewhere else than to a terminal. */
export function progressText({ startedMs, endedMs, response }: Exchange): string {
  const size = String(response?.body.byteLength ?? 0);
  const totalMs = endedMs - startedMs;
  const speed = String(totalMs > 0 ? Math.round((Number(size) * 1000) / totalMs) : Number(size));
  const share = size === '0' ? '  0' : '100';
  const times = '--:--:-- --:--:-- --:--:--';
  return [
    '  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current',
    '                                 Dload  Upload   Total   Spent    Left  Speed',
    `${share} ${size.padStart(5)}  ${share} ${size.padStart(5)}    0     0 ${speed.padStart(6)}      0 ${times} ${speed.padStart(5)}`,
    '',
  ].join('\n');
}
