import { CommandError, type Command } from '../cli/command.ts';

/**
 * A command of Istio that exists here to say that it does nothing yet; it takes any arguments.
 * @param path the words after `istioctl`: `manifest translate`
 */
export function notSimulated(
  path: string,
  short: string,
  options: {
    readonly aliases?: readonly string[];
    /** Why; left out: it is not there yet. */
    readonly why?: string;
  } = {},
): Command {
  const { aliases, why } = options;
  const reason = why === undefined ? 'nothing was done' : `${why}; nothing was done`;
  return {
    name: path.slice(path.lastIndexOf(' ') + 1),
    short: `${short} (not simulated)`,
    ...(aliases && { aliases }),
    takesAnything: true,
    run: async () => {
      throw new CommandError(
        `istioctl ${path} is not simulated${why === undefined ? ' yet' : ''}: ${reason}`,
      );
    },
  };
}
