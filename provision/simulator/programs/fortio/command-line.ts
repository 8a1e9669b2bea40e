import { parseGoDuration } from '../go/duration.ts';
import { MOST_CONNECTIONS, MOST_PAYLOAD_BYTES } from './limits.ts';
import { type Level, readLevel } from './logger.ts';

/** What `fortio curl` and `fortio load` are told. */
export interface FortioOptions {
  /** As written. */
  readonly url: string;
  readonly level: Level;
  readonly isLevelChanged: boolean;
  readonly method: string;
  /** In the order they were given; `Host` among them is the request's own. */
  readonly headers: readonly (readonly [string, string])[];
  readonly payload: string;
  readonly timeoutMs: number;
  readonly keepsAlive: boolean;
  readonly isInsecure: boolean;
  readonly caFile: string;
  /** What the client shows: files of its certificate and key; empty for none. */
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly resolve: string;
  readonly logsErrors: boolean;
  readonly headersToStdout: boolean;
  readonly load: LoadOptions;
}

export interface LoadOptions {
  readonly connections: number;
  /** 0 is as fast as it goes. */
  readonly qps: number;
  /** 0 is for the duration. */
  readonly calls: number;
  /** 0 is until interrupted. */
  readonly durationMs: number;
  readonly percentiles: readonly number[];
  /** In seconds. */
  readonly resolution: number;
  /** In seconds. */
  readonly offset: number;
  readonly allowsInitialErrors: boolean;
  /** Status that ends the run, -1 for connections that fail; 0 never. */
  readonly abortOn: number;
  readonly jitter: boolean;
  readonly uniform: boolean;
  readonly catchesUp: boolean;
  readonly labels: string | undefined;
  readonly runId: number;
  /** Where results go as JSON: a path, or `-`. */
  readonly json: string | undefined;
  readonly savesJson: boolean;
  readonly dataDir: string;
}

/** A command line that cannot be followed. */
export interface UsageProblem {
  readonly problem: string;
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}

const BOOLEANS = wordsOf(
  'quiet k https-insecure keepalive log-errors allow-initial-errors jitter uniform ' +
    'nocatchup a curl curl-stdout-headers sequential-warmup no-reresolve logger-force-color ' +
    'logger-no-color calc-qps',
);
const VALUES = wordsOf(
  'loglevel H X payload payload-size content-type user timeout cacert cert key resolve c qps n t p r ' +
    'offset abort-on labels runid json data-dir gomaxprocs httpbufferkb config-dir',
);
/** Options of fortio's that the simulator does not follow. */
const LEFT_OUT = wordsOf(
  'http1.0 h2 stdclient grpc ping health L compression halfclose stream unix-socket ' +
    'mtls payload-file connection-reuse profile s access-log-file access-log-format ' +
    'grpc-compression healthservice udp-timeout',
);

/** Most flags of one command line. */
const FLAGS_LIMIT = 500;

class Flags {
  readonly #values = new Map<string, readonly string[]>();

  add(name: string, value: string): void {
    this.#values.set(name, [...this.all(name), value]);
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  text(name: string): string | undefined {
    return this.all(name).at(-1);
  }

  is(name: string, byDefault = false): boolean {
    const text = this.text(name);
    return text === undefined ? byDefault : /^(1|t|true)$/i.test(text);
  }

  /** @throws FlagProblem for what is no number */
  number(name: string, byDefault: number): number {
    const text = this.text(name);
    if (text === undefined) return byDefault;
    const value = text === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(value)) throw new FlagProblem(invalid(text, name, 'parse error'));
    return value;
  }

  /** Milliseconds. @throws FlagProblem for what is no duration */
  duration(name: string, byDefaultMs: number): number {
    const text = this.text(name);
    if (text === undefined) return byDefaultMs;
    const value = parseGoDuration(text);
    if (value === undefined) throw new FlagProblem(invalid(text, name, 'parse error'));
    return value;
  }
}

class FlagProblem extends Error {}

function invalid(text: string, name: string, why: string): string {
  return `invalid value ${JSON.stringify(text)} for flag -${name}: ${why}`;
}

/** Reads what follows `fortio curl` or `fortio load` as Go's flag package does: flags first, then the URL. */
export function parseFortio(args: readonly string[]): FortioOptions | UsageProblem {
  try {
    const { flags, rest } = readFlags(args);
    const [url, ...more] = rest;
    if (url === undefined || more.length > 0) {
      return { problem: 'Error: fortio load/curl needs a URL or destination' };
    }
    return optionsOf(flags, url.trim());
  } catch (error) {
    if (error instanceof FlagProblem) return { problem: error.message };
    throw error;
  }
}

function readFlags(args: readonly string[]) {
  const flags = new Flags();
  const words = args.slice(0, FLAGS_LIMIT);
  while (words[0]?.startsWith('-') && words[0] !== '-') {
    const word = words.shift() ?? '';
    if (word === '--') break;
    const [, name = '', value] = /^--?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (LEFT_OUT.has(name)) {
      throw new FlagProblem(`The Regatta simulator's fortio has no -${name}`);
    }
    if (BOOLEANS.has(name)) flags.add(name, value ?? 'true');
    else if (!VALUES.has(name)) {
      throw new FlagProblem(`flag provided but not defined: -${name}`);
    } else {
      const given = value ?? words.shift();
      if (given === undefined) throw new FlagProblem(`flag needs an argument: -${name}`);
      flags.add(name, given);
    }
  }
  return { flags, rest: words };
}

function optionsOf(flags: Flags, url: string): FortioOptions | UsageProblem {
  const level = levelOf(flags);
  const headers = headersOf(flags);
  const payload = payloadOf(flags);
  const hasBody = payload !== '' || flags.text('content-type') !== undefined;
  return {
    url: /^\w+:\/\//.test(url) ? url : `http://${url}`,
    level,
    isLevelChanged: flags.text('loglevel') !== undefined && level !== 'info',
    method: flags.text('X') || (hasBody ? 'POST' : 'GET'),
    headers,
    payload,
    timeoutMs: flags.duration('timeout', 3_000),
    keepsAlive: flags.is('keepalive', true),
    isInsecure: flags.is('k') || flags.is('https-insecure'),
    caFile: flags.text('cacert') ?? '',
    certificateFile: flags.text('cert') ?? '',
    keyFile: flags.text('key') ?? '',
    resolve: flags.text('resolve') ?? '',
    logsErrors: flags.is('log-errors', true),
    headersToStdout: flags.is('curl-stdout-headers'),
    load: loadOptions(flags),
  };
}

function levelOf(flags: Flags): Level {
  if (flags.is('quiet')) return 'error';
  const text = flags.text('loglevel') ?? 'info';
  const level = readLevel(text);
  if (level) return level;
  throw new FlagProblem(
    invalid(text, 'loglevel', 'should be one of [Debug Verbose Info Warning Error Critical Fatal]'),
  );
}

function headersOf(flags: Flags): readonly (readonly [string, string])[] {
  const given = flags.all('H').map((text) => {
    const colon = text.indexOf(':');
    if (colon < 1) {
      throw new FlagProblem(
        invalid(text, 'H', `invalid extra header '${text}', expecting Key: Value`),
      );
    }
    return [text.slice(0, colon).trim(), text.slice(colon + 1).trim()] as const;
  });
  const user = flags.text('user');
  const type = flags.text('content-type');
  return [
    ...given,
    ...(type === undefined ? [] : [['Content-Type', type] as const]),
    ...(user === undefined
      ? []
      : [['Authorization', `Basic ${Buffer.from(user).toString('base64')}`] as const]),
  ];
}

function payloadOf(flags: Flags): string {
  const size = flags.number('payload-size', 0);
  if (size > 0) return 'x'.repeat(Math.min(size, MOST_PAYLOAD_BYTES));
  return (flags.text('payload') ?? '').slice(0, MOST_PAYLOAD_BYTES);
}

function loadOptions(flags: Flags): LoadOptions {
  const connections = Math.max(Math.trunc(flags.number('c', 4)) || 4, 1);
  if (connections > MOST_CONNECTIONS) {
    throw new FlagProblem(
      `The Regatta simulator's fortio opens at most ${MOST_CONNECTIONS} connections, not ${connections}`,
    );
  }
  const calls = Math.max(Math.trunc(flags.number('n', 0)), 0);
  const durationMs = Math.max(flags.duration('t', 5_000), 0);
  const qps = flags.is('calc-qps') ? calls / (durationMs / 1_000) : flags.number('qps', 8);
  if (flags.is('calc-qps') && !(Number.isFinite(qps) && qps > 0)) {
    throw new FlagProblem("Error: can't use `-calc-qps` without also specifying `-n` and `-t`");
  }
  return {
    connections,
    qps: Math.max(qps, 0),
    calls,
    durationMs,
    percentiles: percentilesOf(flags.text('p') ?? '50,75,90,99,99.9'),
    resolution: positive(flags.number('r', 0.001), 0.001),
    offset: flags.duration('offset', 0) / 1_000,
    allowsInitialErrors: flags.is('allow-initial-errors'),
    abortOn: flags.number('abort-on', 0),
    jitter: flags.is('jitter'),
    uniform: flags.is('uniform'),
    catchesUp: !flags.is('nocatchup'),
    labels: flags.text('labels') || undefined,
    runId: flags.number('runid', 0),
    json: flags.text('json') || undefined,
    savesJson: flags.is('a'),
    dataDir: flags.text('data-dir') ?? '.',
  };
}

function positive(value: number, byDefault: number): number {
  return value > 0 ? value : byDefault;
}

/** Most percentiles of one run. */
const PERCENTILES_LIMIT = 50;

function percentilesOf(text: string): readonly number[] {
  const words = text
    .split(',', PERCENTILES_LIMIT)
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (words.length === 0) {
    throw new FlagProblem("Unable to extract percentiles from -p: list can't be empty");
  }
  return words.map((word) => {
    const value = Number(word);
    if (value > 0 && value < 100) return value;
    const why = Number.isNaN(value)
      ? `strconv.ParseFloat: parsing ${JSON.stringify(word)}: invalid syntax`
      : `percentile ${word} must be > 0 and < 100`;
    throw new FlagProblem(`Unable to extract percentiles from -p: ${why}`);
  });
}
