import { CommandError, type Command } from '../cli/command.ts';

/**
 * A command of Istio that exists here to say that it does nothing yet; it takes any arguments.
 * @param path the words after `istioctl`: `manifest translate`
 */
export function notSimulated(
  path: string,
  short: string,
  options: { readonly aliases?: readonly string[] } = {},
): Command {
  return {
    name: path.slice(path.lastIndexOf(' ') + 1),
    short: `${short} (not simulated)`,
    ...options,
    takesAnything: true,
    run: async () => {
      throw new CommandError(`istioctl ${path} is not simulated yet: nothing was done`);
    },
  };
}
