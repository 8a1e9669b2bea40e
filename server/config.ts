import { readFileSync, statSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { ProviderChoice } from '../provision/index.ts';
import {
  IDLE_MS,
  LIVE_SESSIONS,
  LONGEST_SESSION_HOURS,
  MOST_LIVE_SESSIONS,
  SESSION_MS,
} from './limits.ts';
import type { SessionTimes } from './session/session-time.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Everything the server can be told, read and checked once. */
export interface ServerConfig {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  readonly labsFolder: string;
  readonly dataFolder: string;
  readonly pageFolder: string;
  readonly provider: ProviderChoice;
  readonly sandbox: 'auto' | 'none';
  /** Domain under which previews get names of their own; `localhost` suits a server on loopback. */
  readonly previewDomain: string;
  /** Sessions awake at once; who comes later waits in line. */
  readonly maxSessions: number;
  /** How long sessions last. */
  readonly times: SessionTimes;
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
}

/** Flags as typed; names as in `regatta start --help`. */
export type ServerFlags = Readonly<
  Record<string, string | boolean | readonly string[] | undefined>
>;

/** A flag or variable that cannot be used; the message says what would. */
export class ConfigError extends Error {
  readonly code = 'config';
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|::1)$/;

/**
 * Reads flags, then the environment (REGATTA_PORT, REGATTA_HOST, REGATTA_DATA, REGATTA_LOG, REGATTA_MAX_SESSIONS,
 * REGATTA_IDLE_MINUTES, REGATTA_SESSION_HOURS), then defaults.
 * @throws ConfigError for the first value that cannot be used
 */
export function readConfig(flags: ServerFlags, env: NodeJS.ProcessEnv = process.env): ServerConfig {
  const host = text(flags['host'] ?? env['REGATTA_HOST'], '127.0.0.1');
  const sandbox = oneOf(['auto', 'none'], text(flags['sandbox'], 'auto'), '--sandbox');
  if (sandbox === 'none' && !LOOPBACK.test(host)) {
    throw new ConfigError(
      `Cannot listen on ${host} without a sandbox: --sandbox none is for one learner on 127.0.0.1`,
    );
  }
  const provider = providerIn(flags, host);
  return {
    port: portNumber(text(flags['port'] ?? env['REGATTA_PORT'], '8080')),
    host,
    labsFolder: folder(text(flags['labs'], path.join(ROOT, 'labs'))),
    dataFolder: path.resolve(text(flags['data'] ?? env['REGATTA_DATA'], path.join(ROOT, '.data'))),
    pageFolder: path.join(ROOT, 'dist/web'),
    provider,
    sandbox,
    maxSessions:
      provider.name === 'kubeconfig'
        ? 1
        : within(flags['max-sessions'] ?? env['REGATTA_MAX_SESSIONS'], '--max-sessions', {
            fallback: LIVE_SESSIONS,
            most: MOST_LIVE_SESSIONS,
          }),
    times: {
      idleMs:
        MINUTE_MS *
        within(flags['idle-minutes'] ?? env['REGATTA_IDLE_MINUTES'], '--idle-minutes', {
          fallback: IDLE_MS / MINUTE_MS,
          most: LONGEST_SESSION_HOURS * 60,
        }),
      totalMs:
        HOUR_MS *
        within(flags['session-hours'] ?? env['REGATTA_SESSION_HOURS'], '--session-hours', {
          fallback: SESSION_MS / HOUR_MS,
          most: LONGEST_SESSION_HOURS,
        }),
    },
    previewDomain: text(flags['preview-domain'], 'localhost'),
    logLevel: oneOf(LOG_LEVELS, text(flags['log'] ?? env['REGATTA_LOG'], 'warn'), '--log'),
  };
}

/** Folders in which the machine's user looks for commands. */
export function commandFolders(): readonly string[] {
  return (process.env['PATH'] ?? '').split(':').filter((place) => path.isAbsolute(place));
}

/** Version of this program. */
export function programVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const isManifest = typeof parsed === 'object' && parsed !== null && 'version' in parsed;
  return isManifest ? String(parsed.version) : 'unknown';
}

function text(value: ServerFlags[string], fallback: string): string {
  return typeof value === 'string' && value !== '' ? value : fallback;
}

/** A real cluster is one learner's at a time, with all rights of its kubeconfig: the learner is who runs the server. */
function providerIn(flags: ServerFlags, host: string): ProviderChoice {
  const name = oneOf(
    ['simulated', 'kubeconfig'],
    text(flags['provider'], 'simulated'),
    '--provider',
  );
  if (name === 'simulated') return { name };
  if (!LOOPBACK.test(host)) {
    throw new ConfigError(
      `Cannot listen on ${host} with a real cluster: whoever comes first would get all rights of its kubeconfig, so --provider kubeconfig is for one learner on 127.0.0.1`,
    );
  }
  const file = text(flags['kubeconfig'], '');
  if (file === '') {
    throw new ConfigError('Cannot use --provider kubeconfig: name the file with --kubeconfig FILE');
  }
  const context = text(flags['context'], '');
  const gateways = text(flags['gateways'], '').split(',').filter(Boolean);
  const malformed = gateways.find((range) => !isNetwork(range));
  if (malformed !== undefined) {
    throw new ConfigError(
      `Cannot use --gateways ${malformed}: it takes networks such as 172.18.255.0/24, separated by commas`,
    );
  }
  return {
    name,
    file: path.resolve(file),
    ...(context !== '' && { context }),
    ...(gateways.length > 0 && { gateways }),
  };
}

function isNetwork(range: string): boolean {
  const [ip = '', length = '32', ...others] = range.split('/');
  return isIPv4(ip) && /^\d{1,2}$/.test(length) && Number(length) <= 32 && others.length === 0;
}

/** A whole number from 1. */
function within(
  flag: ServerFlags[string],
  name: string,
  { fallback, most }: { readonly fallback: number; readonly most: number },
): number {
  const value = Number(text(flag, String(fallback)));
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new ConfigError(
    `Cannot use ${name} ${text(flag, '')}: it takes a whole number from 1 to ${most}`,
  );
}

function portNumber(value: string): number {
  const port = Number(value);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new ConfigError(`Cannot listen on port "${value}": a port is a number from 0 to 65535`);
}

function folder(value: string): string {
  const resolved = path.resolve(value);
  if (statSync(resolved, { throwIfNoEntry: false })?.isDirectory()) return resolved;
  throw new ConfigError(`Cannot read labs from ${resolved}: there is no such folder`);
}

function oneOf<T extends string>(allowed: readonly T[], value: string, flag: string): T {
  const found = allowed.find((name) => name === value);
  if (found) return found;
  throw new ConfigError(`Cannot use ${flag} ${value}: it takes ${allowed.join(', ')}`);
}
