import type { Tool, ToolContext, ToolResult } from '../program.ts';
import { type FortioOptions, parseFortio } from './command-line.ts';
import { Connection, NOTHING } from './connection.ts';
import { load } from './load/load.ts';
import { LEVELS, Logger } from './logger.ts';
import { LATEST_VERSION } from './version.ts';

/** Commands of fortio's that need what the simulator has not: gRPC, UDP, a web page, a language. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'grpcping',
  'nc',
  'report',
  'redirect',
  'proxies',
  'tcp-echo',
  'udp-echo',
  'script',
]);

/** `fortio` in a container: `curl`, `load` and `version` (https://github.com/fortio/fortio#command-line-arguments). */
export const fortioTool: Tool = async (args, context) => {
  const [command = '', ...rest] = args;
  if (command === 'version' || command === '-version' || command === '--version') {
    return { stdout: `${LATEST_VERSION}\n`, stderr: '', exitCode: 0 };
  }
  if (command === 'server') {
    return refused('Error: the server runs already, as the program of this container');
  }
  if (LEFT_OUT.has(command)) {
    return refused(`The Regatta simulator's fortio has curl, load and server, no ${command}`);
  }
  if (command !== 'curl' && command !== 'load') {
    return refused(`${USAGE}Error: unknown command ${JSON.stringify(command)}`);
  }
  const options = parseFortio(rest);
  if ('problem' in options) return refused(`${USAGE}${options.problem}`);
  const problem = urlProblem(options.url);
  if (problem !== undefined) return refused(problem);
  const isCurl = command === 'curl' || rest.some((word) => /^--?curl$/.test(word));
  return run(options, context, isCurl);
};

const USAGE = `Φορτίο ${LATEST_VERSION} usage:\n\tfortio command [flags] target\nwhere command is one of: load, server, curl, version (in the Regatta simulator)\n`;

function refused(text: string): ToolResult {
  return { stdout: '', stderr: `${text}\n`, exitCode: 1 };
}

function urlProblem(url: string): string | undefined {
  if (!URL.canParse(url)) return `Error: bad URL ${JSON.stringify(url)}`;
  const { protocol } = new URL(url);
  if (protocol === 'http:' || protocol === 'https:') return undefined;
  return `The Regatta simulator's fortio speaks http and https, not ${protocol.slice(0, -1)}`;
}

async function run(
  options: FortioOptions,
  context: ToolContext,
  isCurl: boolean,
): Promise<ToolResult> {
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const { clock, hasTerminal } = context;
  const logger = new Logger({ clock, level: options.level, isTerminal: hasTerminal, write: say });
  if (options.isLevelChanged) say(levelLine(options, context));
  if (!isCurl) {
    const result = await load(options, context, { logger, say });
    return { ...result, stderr: textOf(lines) };
  }
  const result = await fetchOnce(options, context, logger);
  return { ...result, stderr: `${result.stderr}${textOf(lines)}` };
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** Fortio tells of a changed level while it still has the old one. */
function levelLine({ level }: FortioOptions, { clock, hasTerminal }: ToolContext): string {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const logger = new Logger({ clock, level: 'info', isTerminal: hasTerminal, write });
  const name = level.charAt(0).toUpperCase() + level.slice(1);
  const text = `Log level is now ${LEVELS.indexOf(level)} ${name} (was 2 Info)`;
  logger.log('info', ['logger.go', 298], text);
  return lines.join('\n');
}

async function fetchOnce(
  options: FortioOptions,
  context: ToolContext,
  logger: Logger,
): Promise<ToolResult> {
  const connection = new Connection(0, { options, context, logger });
  const problem = await connection.resolve();
  if (problem !== undefined) {
    const url = new URL(options.url);
    const fields = { hostname: url.hostname, err: problem, thread: 0, run: options.load.runId };
    logger.log('error', ['http_client.go', 938], 'Unable to resolve hostname', fields);
    return { stdout: '', stderr: '', exitCode: 1 };
  }
  const { code, head, body, headBytes } = await connection.fetch().catch(() => NOTHING);
  if (code !== 200) {
    logger.log('error', ['commonflags.go', 187], `Error status ${code}`);
  }
  // Of an answer that is not well, fortio does not find the end of the head, and all is output.
  const isSplit = headBytes > 0 && !options.headersToStdout;
  const stdout = Buffer.concat([Buffer.from(isSplit ? '' : head), body]);
  return { stdout, stderr: isSplit ? head : '', exitCode: code === 200 ? 0 : 1 };
}
