import { STATUS_CODES } from 'node:http';

import { HttpHeaders } from '../../../net/http.ts';
import type { HttpResponse } from '../../../net/http.ts';
import type { NetworkErrorCode } from '../../../net/network.ts';
import { NetworkError } from '../../../net/network.ts';
import type { Tool, ToolContext, ToolResult } from '../../../programs/program.ts';
import { refusal } from './answer.ts';
import { requestSecurely, SecureRequestError } from './curl/secure-request.ts';
import { parseUrl, portOf } from './curl/urls.ts';
import { untilAborted } from './until-aborted.ts';

interface WgetOptions {
  readonly url: string | undefined;
  readonly isQuiet: boolean;
  readonly output: string | undefined;
  readonly showsHeaders: boolean;
  readonly isSpider: boolean;
  readonly headers: readonly string[];
  readonly postData: string | undefined;
  /** Default 900 s, as BusyBox has it. */
  readonly timeoutMs: number;
}

/** How many redirects BusyBox follows. */
const REDIRECT_LIMIT = 5;

/** wget as BusyBox has it: `-q -O FILE -S -T SEC --header --post-data --spider`, its messages and exit status 1. */
export const wget: Tool = async (args, context) => {
  const options = parse(args);
  if (!options.url)
    return refusal('BusyBox wget\n\nUsage: wget [-cqS] [--spider] [-O FILE] URL...');
  const url = parseUrl(options.url);
  if (!url) return refusal(`wget: bad address '${options.url}'`);
  if (!/^https?:$/.test(url.protocol))
    return refusal(`wget: not an http or ftp url: ${options.url}`);
  return fetchFile(url, options, context);
};

async function fetchFile(
  start: URL,
  options: WgetOptions,
  context: ToolContext,
): Promise<ToolResult> {
  let stderr = '';
  let url = start;
  for (let redirects = 0; ; redirects++) {
    const [address] = await context.network.lookUp(url.hostname, context.signal);
    if (address === undefined) return refusal(`${stderr}wget: bad address '${url.host}'`);
    const at = `${address}:${portOf(url)}`;
    if (!options.isQuiet) stderr += `Connecting to ${url.host} (${at})\n`;
    if (url.protocol === 'https:')
      stderr += 'wget: note: TLS certificate validation not implemented\n';
    const response = await request(url, options, context);
    if (typeof response === 'string') {
      const words = response.replace('ADDRESS', at);
      return refusal(`${stderr}wget: ${words}`, context.signal.aborted ? 130 : 1);
    }
    if (options.showsHeaders) stderr += headersText(response);
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location) {
      if (redirects >= REDIRECT_LIMIT) return refusal(`${stderr}wget: too many redirections`);
      url = new URL(location, url);
    } else if (response.status >= 300) {
      const words = `HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}`;
      return refusal(`${stderr}wget: server returned error: ${words}`);
    } else {
      return save(response, url, { options, context, stderr });
    }
  }
}

async function request(
  url: URL,
  options: WgetOptions,
  { network, clock, signal }: ToolContext,
): Promise<HttpResponse | string> {
  const timeout = new AbortController();
  using timer = clock.after(options.timeoutMs, () => timeout.abort());
  void timer;
  const either = AbortSignal.any([signal, timeout.signal]);
  const headers = new HttpHeaders([
    ['User-Agent', 'Wget'],
    ['Connection', 'close'],
  ]);
  for (const line of options.headers) {
    const at = line.indexOf(':');
    if (at > 0) headers.set(line.slice(0, at), line.slice(at + 1).trim());
  }
  const host = headers.get('host') ?? url.host;
  headers.delete('host');
  try {
    const target = { host: url.hostname, port: portOf(url) };
    const asked = {
      method: options.postData === undefined ? 'GET' : 'POST',
      path: `${url.pathname}${url.search}`,
      authority: host,
      headers,
      body: Buffer.from(options.postData ?? ''),
      signal: either,
    };
    const sent =
      url.protocol === 'https:'
        ? requestSecurely(network, { ...target, serverName: url.hostname }, asked, TRUSTING)
        : network.request(target, asked);
    return await untilAborted(sent, either);
  } catch (error) {
    if (timeout.signal.aborted) return 'download timed out';
    return reasonOf(error);
  }
}

/** BusyBox takes every certificate. */
const TRUSTING = { isInsecure: true } as const;

function reasonOf(error: unknown): string {
  if (error instanceof SecureRequestError)
    return 'error getting response: Connection reset by peer';
  return error instanceof NetworkError ? REASONS[error.code] : REASONS.ECONNRESET;
}

const REASONS: Readonly<Record<NetworkErrorCode, string>> = {
  ENOTFOUND: "bad address 'ADDRESS'",
  ECONNREFUSED: "can't connect to remote host (ADDRESS): Connection refused",
  EHOSTUNREACH: "can't connect to remote host (ADDRESS): No route to host",
  ETIMEDOUT: "can't connect to remote host (ADDRESS): Operation timed out",
  ECONNRESET: 'error getting response: Connection reset by peer',
};

function save(
  response: HttpResponse,
  url: URL,
  {
    options,
    context,
    stderr,
  }: { readonly options: WgetOptions; readonly context: ToolContext; readonly stderr: string },
): ToolResult {
  const done = (text: string) => (options.isQuiet ? stderr : `${stderr}${text}`);
  if (options.isSpider) {
    return { stdout: '', stderr: done('remote file exists\n'), exitCode: 0 };
  }
  const size = response.body.byteLength;
  const bar = `100% |********************************| ${String(size).padStart(5)}  0:00:00 ETA`;
  if (options.output === '-') {
    const text = `writing to stdout\n-                    ${bar}\nwritten to stdout\n`;
    return { stdout: response.body, stderr: done(text), exitCode: 0 };
  }
  const name = options.output ?? (url.pathname.split('/').at(-1) || 'index.html');
  try {
    context.files.write(name, response.body);
  } catch {
    return refusal(`${stderr}wget: can't open '${name}': No such file or directory`);
  }
  const text = `saving to '${name}'\n${name.padEnd(20)} ${bar}\n'${name}' saved\n`;
  return { stdout: '', stderr: done(text), exitCode: 0 };
}

function headersText({ status, headers }: HttpResponse): string {
  const lines = [...headers].map(([name, value]) => `  ${name}: ${value}\n`);
  return `  HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\n${lines.join('')}`;
}

function parse(args: readonly string[]): WgetOptions {
  const found = { flags: new Set<string>(), headers: new Array<string>(), url: '' };
  const values = new Map<string, string>();
  const rest = args.flatMap(spread);
  while (rest.length > 0) {
    const arg = rest.shift() ?? '';
    if (arg === '--header') found.headers.push(rest.shift() ?? '');
    else if (WITH_VALUE.has(arg)) values.set(arg, rest.shift() ?? '');
    else if (arg.startsWith('-') && arg !== '-') found.flags.add(arg);
    else found.url = arg;
  }
  const seconds = Number(values.get('-T') ?? values.get('--timeout') ?? 900);
  return {
    url: found.url || undefined,
    isQuiet: found.flags.has('-q') || found.flags.has('--quiet'),
    output: values.get('-O') ?? values.get('--output-document'),
    showsHeaders: found.flags.has('-S') || found.flags.has('--server-response'),
    isSpider: found.flags.has('--spider'),
    headers: found.headers,
    postData: values.get('--post-data'),
    timeoutMs: seconds * 1000,
  };
}

const WITH_VALUE: ReadonlySet<string> = new Set([
  '-O',
  '--output-document',
  '-T',
  '--timeout',
  '--post-data',
  '-t',
  '--tries',
  '-P',
  '-U',
]);

/** `--name=value` and `-qO-` in separate words. */
function spread(arg: string): readonly string[] {
  const long = /^(--[^=]+)=([\s\S]*)$/.exec(arg);
  if (long) return [long[1] ?? '', long[2] ?? ''];
  if (!/^-[a-zA-Z]{1}./.test(arg)) return [arg];
  const words: string[] = [];
  for (let at = 1; at < arg.length; at++) {
    const name = `-${arg[at] ?? ''}`;
    words.push(name);
    if (!WITH_VALUE.has(name)) continue;
    if (at + 1 < arg.length) words.push(arg.slice(at + 1));
    return words;
  }
  return words;
}
