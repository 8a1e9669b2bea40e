/** One subcommand of `regatta`. */
export interface Command {
  /** What `--help` prints. */
  readonly help: string;
  /** Exit status: 0 done, 1 not done. Throws a `UsageError` for wrong use. */
  readonly run: (words: readonly string[]) => Promise<number>;
}

/** The command line cannot be understood; exit status 2. */
export class UsageError extends Error {}

/** Settles at the first ^C or SIGTERM; a second one ends the process at once. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.on('SIGINT', () => process.exit(1));
      resolve();
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    process.once('SIGHUP', stop);
  });
}
