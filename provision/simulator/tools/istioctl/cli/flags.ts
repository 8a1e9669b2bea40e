import { parseGoDuration } from '../../../programs/go/duration.ts';
import { CommandError, EXIT, type Flag, type FlagValues } from './command.ts';

/** Arguments taken apart: what belongs to flags, and the rest in order. */
export interface ParsedArguments {
  readonly args: readonly string[];
  readonly flags: FlagValues;
}

/**
 * Reads arguments as pflag does; flags may stand before, between and after the others, `--` ends them.
 * @throws CommandError with pflag's words and exit status 64
 */
export function parseArguments(typed: readonly string[], flags: readonly Flag[]): ParsedArguments {
  const args: string[] = [];
  const values = new Map<string, string[]>();
  const rest = [...typed];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      args.push(...rest);
      break;
    }
    if (word.startsWith('--')) readLong(word, { flags, values, rest });
    else if (word.startsWith('-') && word.length > 1) readShort(word, { flags, values, rest });
    else args.push(word);
  }
  return { args, flags: flagValues(flags, values) };
}

/** Whether `word` is a flag that takes the next word as its value. */
export function takesNextWord(word: string, flags: readonly Flag[]): boolean {
  if (!word.startsWith('-') || word.includes('=')) return false;
  const flag = word.startsWith('--')
    ? flags.find(({ name }) => name === word.slice(2))
    : flags.find(({ short }) => short === word.at(-1));
  return flag !== undefined && flag.type !== 'boolean';
}

interface Reading {
  readonly flags: readonly Flag[];
  readonly values: Map<string, string[]>;
  /** Words not read yet; a flag may take the first. */
  readonly rest: string[];
}

function readLong(word: string, reading: Reading): void {
  const equals = word.indexOf('=');
  const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
  const flag = reading.flags.find((candidate) => candidate.name === name);
  if (!flag) throw usageError(`unknown flag: --${name}`);
  if (equals >= 0) keep(flag, word.slice(equals + 1), reading);
  else if (flag.type === 'boolean') keep(flag, 'true', reading);
  else keep(flag, nextWord(reading, `--${name}`), reading);
}

function readShort(word: string, reading: Reading): void {
  let letters = word.slice(1);
  while (letters !== '') {
    const [letter = ''] = letters;
    letters = letters.slice(1);
    const flag = reading.flags.find(({ short }) => short === letter);
    if (!flag) throw usageError(`unknown shorthand flag: '${letter}' in ${word}`);
    if (flag.type === 'boolean' && !letters.startsWith('=')) {
      keep(flag, 'true', reading);
      continue;
    }
    const value = letters === '' ? nextWord(reading, `'${letter}' in ${word}`) : letters;
    keep(flag, value.replace(/^=/, ''), reading);
    return;
  }
}

function nextWord({ rest }: Reading, flag: string): string {
  const next = rest.shift();
  if (next === undefined) throw usageError(`flag needs an argument: ${flag}`);
  return next;
}

function keep(flag: Flag, value: string, { values }: Reading): void {
  checkValue(flag, value);
  const known = flag.type === 'list' ? (values.get(flag.name) ?? []) : [];
  values.set(flag.name, [...known, value]);
}

const BOOLEANS: Readonly<Record<string, boolean>> = {
  '0': false,
  '1': true,
  f: false,
  F: false,
  false: false,
  False: false,
  FALSE: false,
  t: true,
  T: true,
  true: true,
  True: true,
  TRUE: true,
};

function checkValue(flag: Flag, value: string): void {
  const title = `${flag.short === undefined ? '' : `-${flag.short}, `}--${flag.name}`;
  const refuse = (why: string) =>
    usageError(
      `invalid argument ${JSON.stringify(value)} for ${JSON.stringify(title)} flag: ${why}`,
    );
  const quoted = JSON.stringify(value);
  if (flag.type === 'boolean' && BOOLEANS[value] === undefined) {
    throw refuse(`strconv.ParseBool: parsing ${quoted}: invalid syntax`);
  }
  if (flag.type === 'number' && !/^[+-]?\d+$/.test(value)) {
    throw refuse(`strconv.ParseInt: parsing ${quoted}: invalid syntax`);
  }
  if (flag.type === 'duration' && parseGoDuration(value) === undefined) {
    throw refuse(`time: invalid duration ${quoted}`);
  }
}

function flagValues(flags: readonly Flag[], values: ReadonlyMap<string, string[]>): FlagValues {
  const text = (name: string) =>
    values.get(name)?.at(-1) ?? flags.find((flag) => flag.name === name)?.default ?? '';
  return {
    text,
    isOn: (name) => BOOLEANS[text(name)] === true,
    list: (name) => values.get(name) ?? [],
    durationMs: (name) => parseGoDuration(text(name)) ?? 0,
    has: (name) => values.has(name),
  };
}

function usageError(message: string): CommandError {
  return new CommandError(message, EXIT.usage);
}
