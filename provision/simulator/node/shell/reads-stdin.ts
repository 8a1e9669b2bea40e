import { parse } from 'just-bash';
import type { ScriptNode } from 'just-bash';

import { baseName } from '../files/paths.ts';

/**
 * Whether a script reads its standard input. The engine wants all of it before the script starts, and a command
 * that does not read must not wait for the end of an input that stays open, as kubectl's is with `-i`.
 */
export function readsStdin(text: string): boolean {
  let script: ScriptNode;
  try {
    script = parse(text);
  } catch {
    return false;
  }
  return firstCommands(script).some(readsInput);
}

interface Words {
  readonly words: readonly string[];
  readonly hasInput: boolean;
}

/** Every simple command that is first in its pipeline, wherever it is in the tree. */
function firstCommands(node: unknown): readonly Words[] {
  if (Array.isArray(node)) return node.flatMap(firstCommands);
  if (!isRecord(node)) return [];
  if (node['type'] === 'Pipeline' && Array.isArray(node['commands'])) {
    return firstCommands(node['commands'][0]);
  }
  if (node['type'] !== 'SimpleCommand') return Object.values(node).flatMap(firstCommands);
  const args = Array.isArray(node['args']) ? node['args'] : [];
  const redirections = Array.isArray(node['redirections']) ? node['redirections'] : [];
  const hasInput = redirections.some(
    (item: unknown) => isRecord(item) && String(item['operator']).startsWith('<'),
  );
  return [
    { words: [wordText(node['name']), ...args.map(wordText)], hasInput },
    ...args.flatMap(firstCommands),
  ];
}

/** A word without its quotes; what is expanded shows as `$`. */
function wordText(word: unknown): string {
  if (!isRecord(word) || !Array.isArray(word['parts'])) return '';
  return word['parts'].map(partText).join('');
}

function partText(part: unknown): string {
  if (!isRecord(part)) return '';
  if (typeof part['value'] === 'string') return part['value'];
  return Array.isArray(part['parts']) ? part['parts'].map(partText).join('') : '$';
}

/** How many words that are no options a command takes before it would rather read standard input. */
const FILE_AFTER: Readonly<Record<string, number>> = {
  cat: 0,
  sort: 0,
  uniq: 0,
  wc: 0,
  head: 0,
  tail: 0,
  rev: 0,
  tac: 0,
  nl: 0,
  fold: 0,
  base64: 0,
  md5sum: 0,
  sha1sum: 0,
  sha256sum: 0,
  od: 0,
  strings: 0,
  gzip: 0,
  gunzip: 0,
  zcat: 0,
  column: 0,
  paste: 0,
  cut: 0,
  grep: 1,
  egrep: 1,
  fgrep: 1,
  sed: 1,
  awk: 1,
};

const ALWAYS: ReadonlySet<string> = new Set(['tr', 'tee', 'xargs', 'nc', 'netcat', 'read']);

function readsInput({ words, hasInput }: Words): boolean {
  const [path = '', ...args] = words;
  const name = baseName(path);
  if (hasInput) return false;
  if (args.includes('@-') || args.includes('-d@-') || args.includes('/dev/stdin')) return true;
  if (ALWAYS.has(name)) return !args.some((arg) => /^-[a-y]*z/.test(arg));
  if (name === 'tar') return args.some((arg) => /^-?[a-z]*x/.test(arg)) && args.includes('-');
  if (name === 'sh' || name === 'bash') return args.length === 0;
  const before = FILE_AFTER[name];
  if (before === undefined) return false;
  const files = args.filter((arg, index) => isOperand(arg, args[index - 1]));
  return files.length <= before || files.includes('-');
}

/** Leaves out options and the numbers that follow them (`head -n 5`). */
function isOperand(arg: string, previous: string | undefined): boolean {
  if (arg.startsWith('-') && arg !== '-') return false;
  return !(previous?.startsWith('-') && /^\+?\d+$/.test(arg));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
