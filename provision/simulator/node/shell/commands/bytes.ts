import type { Tool, ToolContext, ToolResult } from '../../../programs/program.ts';
import { FileError } from '../../files/file-error.ts';
import { CONTAINER_FILES_LIMIT_BYTES, YES_LIMIT_LINES } from '../../limits.ts';
import { output, refusal } from './answer.ts';

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  c: 1,
  b: 512,
  k: 1_024,
  K: 1_024,
  kB: 1_000,
  M: 1_048_576,
  MB: 1_000_000,
  G: 1_073_741_824,
};

/** Says one thing again and again: no command here runs beside the one that reads it, so it ends after many lines. */
const yes: Tool = async (args) => {
  const line = `${args.length > 0 ? args.join(' ') : 'y'}\n`;
  return output(line.repeat(YES_LIMIT_LINES));
};

/** Copies blocks of zeros, of a file or of its input to a file or its output. */
const dd: Tool = async (args, context) => {
  const operands = new Map(args.map((arg) => split(arg)));
  const strange = [...operands.keys()].find((name) => !OPERANDS.has(name));
  if (strange !== undefined) return refusal(`dd: unrecognized operand '${strange}'`);
  const blockBytes = sizeOf(operands.get('bs') ?? '512');
  const count = sizeOf(operands.get('count') ?? 'all');
  const source = operands.get('if');
  if (source === '/dev/zero' && Number.isNaN(count)) {
    return refusal('dd: the Regatta simulator copies /dev/zero only with count=');
  }
  const wanted = Number.isNaN(count) ? Number.POSITIVE_INFINITY : count * blockBytes;
  const bytes =
    source === '/dev/zero' ? zeros(wanted) : contentOf(source, context)?.subarray(0, wanted);
  if (!bytes) return refusal(`dd: can't open '${source}': No such file or directory`);
  return written(bytes, { blockBytes, goal: operands.get('of'), context });
};

const OPERANDS = new Set(['if', 'of', 'bs', 'count', 'status', 'conv']);

function split(arg: string): readonly [string, string] {
  const equals = arg.indexOf('=');
  return equals < 0 ? [arg, ''] : [arg.slice(0, equals), arg.slice(equals + 1)];
}

/** NaN for what is no size. */
function sizeOf(text: string): number {
  const [, number, unit = ''] = /^(\d+)([a-zA-Z]*)$/.exec(text) ?? [];
  return Number(number) * (UNITS[unit] ?? Number.NaN);
}

/** More than a container's files may hold is never needed: writing it fails. */
function zeros(wanted: number): Uint8Array {
  return new Uint8Array(Math.min(wanted, CONTAINER_FILES_LIMIT_BYTES + 1));
}

function contentOf(path: string | undefined, { stdin, files }: ToolContext) {
  if (path === undefined) return stdin;
  const text = files.readText(path);
  return text === undefined ? undefined : Buffer.from(text);
}

interface Copy {
  readonly blockBytes: number;
  readonly goal: string | undefined;
  readonly context: ToolContext;
}

function written(bytes: Uint8Array, { blockBytes, goal, context }: Copy): ToolResult {
  const whole = Math.floor(bytes.byteLength / blockBytes);
  const records = `${whole}+${bytes.byteLength % blockBytes === 0 ? 0 : 1} records`;
  const stderr = `${records} in\n${records} out\n`;
  if (goal === undefined) return { stdout: bytes, stderr, exitCode: 0 };
  try {
    if (goal !== '/dev/null') context.files.write(goal, bytes);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const why = error.code === 'ENOSPC' ? 'No space left on device' : 'No such file or directory';
    return refusal(`dd: error writing '${goal}': ${why}`);
  }
  return { stdout: '', stderr, exitCode: 0 };
}

/** Commands that make or move bytes. */
export const BYTE_TOOLS: Readonly<Record<string, Tool>> = { dd, yes };
