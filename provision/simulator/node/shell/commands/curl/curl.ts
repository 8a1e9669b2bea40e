import { sleep } from '../../../../clock.ts';
import type { Tool, ToolContext, ToolResult } from '../../../../programs/program.ts';
import { baseName } from '../../../files/paths.ts';
import { output, refusal } from '../answer.ts';
import { CookieJar } from './cookies.ts';
import type { CurlOptions } from './options.ts';
import { parseCurl } from './options.ts';
import { headText, progressText, verboseText, writeOut } from './report.ts';
import type { CurlError, Exchange } from './transfer.ts';
import { CURL_VERSION, joinData, transfer } from './transfer.ts';
import { expandUrl, parseUrl } from './urls.ts';

/** curl on the virtual network: options, output, messages and exit statuses of curl 8 (its manual page). */
export const curl: Tool = async (args, context) => {
  if (args.includes('--version') || args.includes('-V')) return output(VERSION_TEXT);
  if (args.length === 0 || args.includes('--help') || args.includes('-h')) return usage(args);
  const options = parseCurl(args, context);
  if ('message' in options) return refusal(`curl: ${options.message}`, options.exitCode);
  const jar = new CookieJar();
  for (const source of options.cookies) {
    if (!source.includes('=')) jar.load(context.files.readText(source) ?? '');
  }
  const run = new CurlRun(options, context, jar);
  await run.all();
  return run.result();
};

const VERSION_TEXT = [
  `curl ${CURL_VERSION} (Regatta simulator)`,
  'Protocols: http https',
  'Features: IPv4 SSL',
  '',
].join('\n');

function usage(args: readonly string[]): ToolResult {
  if (args.length > 0) return output('Usage: curl [options...] <url>\n');
  const hint = "curl: try 'curl --help' or 'curl --manual' for more information";
  return refusal(`curl: (2) no URL specified\n${hint}`, 2);
}

/** Statuses that `--retry` takes for passing (curl manual). */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
const PASSING_EXITS: ReadonlySet<number> = new Set([6, 28]);

class CurlRun {
  readonly #options: CurlOptions;
  readonly #context: ToolContext;
  readonly #jar: CookieJar;
  readonly #stdout: Uint8Array[] = [];
  #stderr = '';
  #exitCode = 0;

  constructor(options: CurlOptions, context: ToolContext, jar: CookieJar) {
    this.#options = options;
    this.#context = context;
    this.#jar = jar;
  }

  async all(): Promise<void> {
    const { urls, expandsUrls, outputs } = this.#options;
    for (const [index, pattern] of urls.entries()) {
      for (const text of expandsUrls ? expandUrl(pattern) : [pattern]) {
        await this.#one(text, outputs[index]);
        if (this.#context.signal.aborted) {
          this.#exitCode = 130;
          return;
        }
      }
    }
    this.#saveCookies();
  }

  result(): ToolResult {
    const stdout = Buffer.concat(this.#stdout);
    return { stdout, stderr: this.#stderr, exitCode: this.#exitCode };
  }

  async #one(text: string, outputPath: string | undefined): Promise<void> {
    const url = this.#urlOf(text);
    if (!url) return;
    const exchanges = await this.#withRetries(url);
    const last = exchanges.at(-1);
    if (!last || this.#context.signal.aborted) return;
    const error = last.error ?? this.#statusError(last);
    if (this.#options.isVerbose) {
      this.#stderr += exchanges.map((exchange) => verboseText(exchange, this.#options)).join('');
    }
    if (!error || last.error === undefined) this.#deliver(exchanges, outputPath, error);
    if (error) this.#fail(error);
    else this.#exitCode = 0;
    this.#writeOut(exchanges, error);
  }

  #urlOf(text: string): URL | undefined {
    const url = parseUrl(text);
    if (!url?.hostname) {
      this.#fail({ exitCode: 3, message: 'URL rejected: No host part in the URL' });
      return undefined;
    }
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      const message = `Protocol "${url.protocol.slice(0, -1)}" not supported`;
      this.#fail({ exitCode: 1, message });
      return undefined;
    }
    if (this.#options.putsDataInUrl && this.#options.data.length > 0) {
      url.search = [url.search.slice(1), joinData(this.#options)].filter(Boolean).join('&');
    }
    return url;
  }

  async #withRetries(url: URL): Promise<readonly Exchange[]> {
    const { clock, signal } = this.#context;
    const { retries, retryDelayMs, isSilent, showsErrors } = this.#options;
    for (let left = retries, delayMs = 1000; ; left--, delayMs *= 2) {
      const exchanges = await transfer(url, {
        options: this.#options,
        context: this.#context,
        jar: this.#jar,
      });
      const last = exchanges.at(-1);
      if (left <= 0 || !last || !this.#isPassing(last) || signal.aborted) return exchanges;
      const waitMs = retryDelayMs ?? delayMs;
      if (!isSilent || showsErrors) {
        const seconds = Math.ceil(waitMs / 1000);
        const what = last.error ? last.error.message : `HTTP error`;
        this.#stderr += `Warning: Problem: ${what}. Will retry in ${seconds} second${seconds === 1 ? '' : 's'}. ${left} retr${left === 1 ? 'y' : 'ies'} left.\n`;
      }
      await sleep(clock, waitMs, signal).catch(() => undefined);
    }
  }

  #isPassing({ error, response }: Exchange): boolean {
    if (!error) return response !== undefined && PASSING_STATUSES.has(response.status);
    if (PASSING_EXITS.has(error.exitCode) || this.#options.retriesAllErrors) return true;
    return error.exitCode === 7 && this.#options.retriesRefused;
  }

  #statusError({ response }: Exchange): CurlError | undefined {
    const { failsOnError, failsWithBody } = this.#options;
    if (!response || response.status < 400 || !(failsOnError || failsWithBody)) return undefined;
    return { exitCode: 22, message: `The requested URL returned error: ${response.status}` };
  }

  #deliver(exchanges: readonly Exchange[], path: string | undefined, error?: CurlError): void {
    const { includesHeaders, isHead, dumpHeaderTo, http, failsOnError } = this.#options;
    const heads = exchanges.map(({ response, http: received }) =>
      response ? headText(response, received ?? http) : '',
    );
    const head = Buffer.from(heads.join(''));
    const last = exchanges.at(-1);
    const body = isHead || (error && failsOnError) ? undefined : last?.response?.body;
    if (dumpHeaderTo !== undefined) this.#write(dumpHeaderTo, head);
    const name = path ?? (this.#options.usesRemoteName ? remoteName(last) : '-');
    const shown = includesHeaders || isHead ? head : new Uint8Array();
    this.#write(name, Buffer.concat([shown, body ?? new Uint8Array()]));
    if (last) this.#showProgress(last, name);
  }

  #showProgress(exchange: Exchange, outputPath: string): void {
    const { isSilent, showsProgress } = this.#options;
    const isAway = outputPath !== '-' || !this.#context.hasTerminal;
    if (!isSilent && showsProgress && isAway) this.#stderr += progressText(exchange);
  }

  #write(path: string, bytes: Uint8Array): void {
    if (path === '-') this.#stdout.push(bytes);
    else if (path !== '/dev/null') this.#save(path, bytes);
  }

  #save(path: string, bytes: Uint8Array | string): void {
    try {
      this.#context.files.write(path, bytes);
    } catch {
      this.#stderr += `Warning: Failed to open the file ${path}: No such file or directory\n`;
      this.#fail({ exitCode: 23, message: 'Failure writing output to destination' });
    }
  }

  #fail({ exitCode, message }: CurlError): void {
    this.#exitCode = exitCode;
    const { isSilent, showsErrors } = this.#options;
    if (!isSilent || showsErrors) this.#stderr += `curl: (${exitCode}) ${message}\n`;
  }

  #writeOut(exchanges: readonly Exchange[], error: CurlError | undefined): void {
    const { writeOut: format } = this.#options;
    if (format === undefined) return;
    const outcome = { exitCode: error?.exitCode ?? 0, message: error?.message ?? '' };
    const { stdout, stderr } = writeOut(format, exchanges, outcome);
    this.#stdout.push(Buffer.from(stdout));
    this.#stderr += stderr;
  }

  #saveCookies(): void {
    const path = this.#options.cookieJar;
    if (path === '-') this.#stdout.push(Buffer.from(this.#jar.toString()));
    else if (path !== undefined) this.#save(path, this.#jar.toString());
  }
}

function remoteName(exchange: Exchange | undefined): string {
  return baseName(exchange?.url.pathname ?? '') || 'curl_response';
}
