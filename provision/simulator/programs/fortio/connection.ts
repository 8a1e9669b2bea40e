import { STATUS_CODES } from 'node:http';

import { HttpHeaders, type HttpResponse } from '../../net/http.ts';
import { NetworkError } from '../../net/network.ts';
import {
  requestSecurely,
  SecureRequestError,
} from '../../node/shell/commands/curl/secure-request.ts';
import { untilAborted } from '../../node/shell/commands/until-aborted.ts';
import type { ToolContext } from '../program.ts';
import { publicAuthority } from '../world/authority.ts';
import type { FortioOptions } from './command-line.ts';
import { Histogram } from './histogram.ts';
import type { Logger } from './logger.ts';
import { preciseNow, seconds } from './time.ts';
import { LATEST_VERSION } from './version.ts';

/** What came of a call: its status (-1 without one), bytes in all, and bytes of the head, 0 when it went wrong. */
export interface Outcome {
  readonly code: number;
  readonly size: number;
  readonly headBytes: number;
  /** Empty when nothing came. */
  readonly head: string;
  readonly body: Uint8Array;
}

export const FAILED = -1;
/** What comes of a call without an answer. */
export const NOTHING: Outcome = {
  code: FAILED,
  size: 0,
  headBytes: 0,
  head: '',
  body: new Uint8Array(),
};

/** Statuses that keep the connection and count as success. */
export function isOk(code: number): boolean {
  return (code >= 200 && code <= 299) || code === 418;
}

/** One of fortio's connections: kept open while all goes well, opened anew after what did not. */
export class Connection {
  readonly connectTimes: Histogram;
  /** How often each address was connected to. */
  readonly addresses = new Map<string, number>();
  readonly #id: number;
  readonly #options: FortioOptions;
  readonly #context: ToolContext;
  readonly #logger: Logger;
  readonly #url: URL;
  #address = '';
  #isOpen = false;

  constructor(
    id: number,
    {
      options,
      context,
      logger,
    }: { readonly options: FortioOptions; readonly context: ToolContext; readonly logger: Logger },
  ) {
    this.#id = id;
    this.#options = options;
    this.#context = context;
    this.#logger = logger;
    this.#url = new URL(options.url);
    this.connectTimes = new Histogram({ resolution: options.load.resolution });
  }

  get sockets(): number {
    return this.connectTimes.count;
  }

  /** Looks the host up. @returns why it has no address; undefined when it has one */
  async resolve(): Promise<string | undefined> {
    const host = this.#options.resolve || this.#url.hostname;
    const [ip] = await this.#context.network.lookUp(host, this.#context.signal);
    if (ip === undefined) return `lookup ${host}: no such host`;
    this.#address = `${ip}:${this.#port}`;
    this.addresses.set(this.#address, (this.addresses.get(this.#address) ?? 0) + 1);
    return undefined;
  }

  /** Sends the request and takes the answer. Rejects only when the command is interrupted. */
  async fetch(): Promise<Outcome> {
    if (!this.#isOpen && !(await this.#connect())) return NOTHING;
    this.#isOpen = false;
    const response = await this.#send();
    if (!response) return NOTHING;
    const head = headOf(response);
    const size = head.length + response.body.byteLength;
    const wentWell = isOk(response.status);
    if (!wentWell && this.#options.logsErrors) {
      this.#log('warning', 1159, 'Non ok http code', {
        code: response.status,
        status: `HTTP/1.1 ${response.status}`,
      });
    }
    this.#isOpen = wentWell && this.#options.keepsAlive;
    const headBytes = wentWell ? head.length : 0;
    return { code: response.status, size, headBytes, head, body: response.body };
  }

  async #connect(): Promise<boolean> {
    const startedMs = preciseNow(this.#context.clock);
    const why = this.sockets > 0 ? await this.resolve() : undefined;
    this.connectTimes.record(seconds(preciseNow(this.#context.clock) - startedMs));
    if (why === undefined) return true;
    this.#log('error', 938, 'Unable to resolve hostname', {
      hostname: this.#url.hostname,
      err: why,
    });
    return false;
  }

  async #send(): Promise<HttpResponse | undefined> {
    const { clock, signal } = this.#context;
    const { timeoutMs } = this.#options;
    const late = new AbortController();
    using timer = clock.after(timeoutMs, () => late.abort());
    void timer;
    const until = AbortSignal.any([signal, late.signal]);
    try {
      return await untilAborted(this.#request(until), until);
    } catch (error) {
      signal.throwIfAborted();
      this.#explain(error, late.signal.aborted);
      return undefined;
    }
  }

  #request(signal: AbortSignal): Promise<HttpResponse> {
    const { method, payload, isInsecure, caFile, certificateFile, keyFile, timeoutMs } =
      this.#options;
    const { network, files } = this.#context;
    const { hostname, pathname, search, protocol, host } = this.#url;
    const target = { host: this.#options.resolve || hostname, port: this.#port };
    const { authority, headers } = this.#headers(host);
    const path = `${pathname}${search}`;
    const request = { method, path, authority, headers, body: Buffer.from(payload), signal };
    if (protocol !== 'https:') {
      return network.request(target, request, { connectTimeoutMs: timeoutMs });
    }
    const read = (file: string) => (file === '' ? undefined : files.readText(file));
    return requestSecurely(network, { ...target, serverName: hostname }, request, {
      isInsecure,
      // fortio brings the public authorities with it.
      authorities: caFile === '' ? publicAuthority().certificate : read(caFile),
      certificate: read(certificateFile),
      key: read(keyFile),
    });
  }

  #headers(host: string) {
    const { headers: given, payload } = this.#options;
    const headers = new HttpHeaders([['user-agent', `fortio.org/fortio-${LATEST_VERSION}`]]);
    let authority = host;
    for (const [name, value] of given) {
      const key = name.toLowerCase();
      if (key === 'host') authority = value;
      else if (key === 'user-agent') headers.set(key, value);
      else headers.append(key, value);
    }
    if (payload !== '') {
      if (!headers.has('content-type')) headers.set('content-type', 'application/octet-stream');
      headers.set('content-length', String(Buffer.byteLength(payload)));
    }
    return { authority, headers };
  }

  get #port(): number {
    if (this.#url.port !== '') return Number(this.#url.port);
    return this.#url.protocol === 'https:' ? 443 : 80;
  }

  #explain(error: unknown, isLate: boolean): void {
    const dest = { dest: this.#address };
    const code = error instanceof NetworkError ? error.code : undefined;
    if (code === 'ECONNREFUSED' || code === 'ETIMEDOUT' || code === 'EHOSTUNREACH') {
      const reason = code === 'ECONNREFUSED' ? 'connect: connection refused' : 'i/o timeout';
      this.#log('error', 962, 'Unable to connect', {
        ...dest,
        err: `dial tcp ${this.#address}: ${reason}`,
      });
    } else if (error instanceof SecureRequestError) {
      const err = error.message.split('\n', 1)[0] ?? '';
      this.#log('error', 954, 'Unable to TLS connect', { ...dest, err });
    } else {
      const message = isLate ? 'Timeout error (incomplete/invalid response)' : 'Read error';
      const reason = isLate ? 'i/o timeout' : 'read: connection reset by peer';
      this.#log('error', 1138, message, {
        err: `read tcp ${this.#context.network.ip}->${this.#address}: ${reason}`,
        size: 0,
        header_len: 0,
        ...dest,
        url: this.#options.url,
      });
    }
  }

  #log(...[level, line, message, fields]: LogWords): void {
    const place = ['http_client.go', line, FIRST_GOROUTINE + this.#id] as const;
    const more = { ...fields, thread: this.#id, run: this.#options.load.runId };
    this.#logger.log(level, place, message, more);
  }
}

type LogWords = readonly [
  'warning' | 'error',
  line: number,
  message: string,
  fields: Readonly<Record<string, string | number>>,
];

/** Goroutines of a run begin after those that a Go program has anyway. */
export const FIRST_GOROUTINE = 20;

function headOf({ status, headers, body }: HttpResponse): string {
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`);
  const length = headers.has('content-length') ? '' : `content-length: ${body.byteLength}\r\n`;
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n${lines.join('')}${length}\r\n`;
}
