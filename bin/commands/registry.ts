import type { Command } from './command.ts';

/** A command as the list shows it. What it needs is loaded when it is used: a cluster has no use for the server. */
interface ListedCommand {
  readonly name: string;
  /** Ends the line in the list of commands. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

export const COMMANDS: readonly ListedCommand[] = [
  {
    name: 'start',
    summary: 'serve the labs',
    load: async () => (await import('./start.ts')).start,
  },
  {
    name: 'cluster',
    summary: 'one simulated cluster in the foreground',
    load: async () => (await import('./cluster.ts')).cluster,
  },
  {
    name: 'shell',
    summary: "a learner's shell in this terminal",
    load: async () => (await import('./shell.ts')).shell,
  },
  {
    name: 'check',
    summary: 'play labs in every language and say what broke',
    load: async () => (await import('./check.ts')).check,
  },
  {
    name: 'lint',
    summary: 'say what is wrong with the lessons',
    load: async () => (await import('./lint.ts')).lint,
  },
];
