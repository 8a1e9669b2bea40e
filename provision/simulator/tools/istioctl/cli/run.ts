import {
  CommandError,
  EXIT,
  WrongArguments,
  type Command,
  type Flag,
  type Invocation,
} from './command.ts';
import type { Context } from './context.ts';
import { parseArguments, takesNextWord } from './flags.ts';
import { GLOBAL_FLAGS } from './global-flags.ts';
import { fullName, helpText, usageText, type CommandPath } from './help.ts';
import { suggestionsFor } from './suggest.ts';

/** Runs what was typed after `istioctl` and gives the exit status; errors are told on standard error in cobra's words. */
export async function runCommand(
  root: Command,
  typed: readonly string[],
  context: Context,
): Promise<number> {
  try {
    return await runFound(root, typed, context);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    context.terminal.stderr(`Error: ${error.message}\n`);
    return error.exitStatus;
  }
}

/** A command, and what was typed beside its name. */
export interface FoundCommand extends CommandPath {
  readonly rest: readonly string[];
  /** Whether `rest` holds more than flags and their values. */
  readonly hasArguments: boolean;
}

/** Follows the words that name commands, wherever flags stand between them; `rest` is what is left. */
export function findCommand(root: Command, typed: readonly string[]): FoundCommand {
  let command = root;
  let rest = typed;
  const parents: Command[] = [];
  for (;;) {
    const place = firstArgument(rest, flagsOf(command));
    const named = commandNamed(command, rest[place] ?? '');
    if (!named) return { command, parents, rest, hasArguments: place < rest.length };
    parents.push(command);
    command = named;
    rest = rest.toSpliced(place, 1);
  }
}

/** Place of the first word that is neither a flag nor a flag's value; beyond the end when there is none. */
function firstArgument(words: readonly string[], flags: readonly Flag[]): number {
  let place = 0;
  while (words[place]?.startsWith('-')) {
    if (words[place] === '--') return words.length;
    place += takesNextWord(words[place] ?? '', flags) ? 2 : 1;
  }
  return place;
}

async function runFound(
  root: Command,
  typed: readonly string[],
  context: Context,
): Promise<number> {
  const words = typed[0] === 'help' ? [...typed.slice(1), '--help'] : typed;
  const { rest, ...path } = findCommand(root, words);
  const { command } = path;
  if (asksForHelp(rest)) {
    context.terminal.stdout(helpText(path, GLOBAL_FLAGS));
    return EXIT.done;
  }
  const { args, flags } = command.takesAnything
    ? { ...parseArguments([], flagsOf(command)), args: rest }
    : parseArguments(rest, flagsOf(command));
  if (!command.run) {
    const [unknown] = args;
    if (unknown !== undefined) {
      throw command.unknownArgument?.(unknown) ?? unknownCommand(path, unknown);
    }
    context.terminal.stdout(helpText(path, GLOBAL_FLAGS));
    return EXIT.done;
  }
  return runWith(command.run, { args, flags, context }, path);
}

async function runWith(
  run: NonNullable<Command['run']>,
  invocation: Invocation,
  path: CommandPath,
): Promise<number> {
  try {
    return await run(invocation);
  } catch (error) {
    if (error instanceof WrongArguments) {
      invocation.context.terminal.stderr(`${usageText(path, GLOBAL_FLAGS)}\n`);
    }
    throw error;
  }
}

function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  const before = end < 0 ? words : words.slice(0, end);
  return before.some((word) => word === '--help' || word === '-h');
}

/** All flags that a command takes. */
export function flagsOf(command: Command): readonly Flag[] {
  return [...(command.flags ?? []), ...GLOBAL_FLAGS];
}

function commandNamed(group: Command, word: string): Command | undefined {
  return group.commands?.find(
    ({ name, aliases }) => name === word || (aliases ?? []).includes(word),
  );
}

function unknownCommand(path: CommandPath, word: string): CommandError {
  const name = fullName(path);
  const similar = suggestionsFor(word, path.command.commands ?? []);
  const meant =
    similar.length > 0
      ? `\n\nDid you mean this?\n${similar.map((one) => `\t${one}\n`).join('')}`
      : '';
  return new CommandError(
    `unknown command "${word}" for "${name}"${meant}\nRun '${name} --help' for usage.`,
    EXIT.usage,
  );
}
