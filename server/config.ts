import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Everything the server can be told, read and checked once. */
export interface ServerConfig {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  readonly labsFolder: string;
  readonly dataFolder: string;
  readonly pageFolder: string;
  readonly provider: 'simulated';
  readonly sandbox: 'auto' | 'none';
  /** Domain under which previews get names of their own; `localhost` suits a server on loopback. */
  readonly previewDomain: string;
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

const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|::1)$/;

/**
 * Reads flags, then the environment (REGATTA_PORT, REGATTA_HOST, REGATTA_DATA, REGATTA_LOG), then defaults.
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
  return {
    port: portNumber(text(flags['port'] ?? env['REGATTA_PORT'], '8080')),
    host,
    labsFolder: folder(text(flags['labs'], path.join(ROOT, 'labs'))),
    dataFolder: path.resolve(text(flags['data'] ?? env['REGATTA_DATA'], path.join(ROOT, '.data'))),
    pageFolder: path.join(ROOT, 'dist/web'),
    provider: oneOf(['simulated'], text(flags['provider'], 'simulated'), '--provider'),
    sandbox,
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
