import type { Context } from './context.ts';

/** A flag in the manner of pflag: `--name value`, `--name=value`, `-n value`. */
export interface Flag {
  readonly name: string;
  readonly short?: string;
  readonly type: 'text' | 'boolean' | 'list' | 'duration' | 'number';
  /** As help shows it; left out: empty, false or 0. */
  readonly default?: string;
  readonly usage: string;
}

/** What was typed after a command, checked against its flags. */
export interface Invocation {
  readonly args: readonly string[];
  readonly flags: FlagValues;
  readonly context: Context;
}

/** Values of all flags of a command, defaults filled in. */
export interface FlagValues {
  text(name: string): string;
  isOn(name: string): boolean;
  list(name: string): readonly string[];
  /** A duration such as `5m0s`, in milliseconds. */
  durationMs(name: string): number;
  /** Whether the flag was typed. */
  has(name: string): boolean;
}

/** One command or group of commands of istioctl. */
export interface Command {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** What follows the name in the usage line: `<pod-name[.namespace]> [flags]`. */
  readonly use?: string;
  readonly short: string;
  readonly long?: string;
  readonly examples?: string;
  readonly flags?: readonly Flag[];
  readonly commands?: readonly Command[];
  /** Not in the list of commands. */
  readonly isHidden?: boolean;
  /** Flags and arguments are handed on unread. */
  readonly takesAnything?: boolean;
  /** What to say to a word after a group that is none of its commands; left out: cobra's words. */
  readonly unknownArgument?: (word: string) => CommandError;
  /** The exit status. */
  readonly run?: (invocation: Invocation) => Promise<number>;
}

/** Exit statuses of istioctl (sysexits.h, as its own source names them). */
export const EXIT = { done: 0, failed: 1, usage: 64, badData: 65, issuesFound: 79 } as const;

/** Ends a command with a message and an exit status. */
export class CommandError extends Error {
  readonly exitStatus: number;

  constructor(message: string, exitStatus: number = EXIT.failed, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandError';
    this.exitStatus = exitStatus;
  }
}

/** Arguments that a command cannot use: told after its usage, as istioctl tells it. */
export class WrongArguments extends CommandError {}
