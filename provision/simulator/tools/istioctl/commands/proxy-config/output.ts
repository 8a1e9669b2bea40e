import type { Json } from '../../../../kinds/object.ts';
import { CommandError, EXIT, type Flag, type Invocation } from '../../cli/command.ts';
import { toYaml } from '../../kube/yaml.ts';

export const OUTPUT: Flag = {
  name: 'output',
  short: 'o',
  type: 'text',
  default: 'short',
  usage: 'Output format: one of json|yaml|short',
};

/** What a command can print: a summary, and everything. */
export interface Printable {
  readonly short: () => string;
  readonly data: () => Json;
}

/**
 * Prints what `--output` asks for.
 * @throws CommandError for another format
 */
export async function print(
  { context, flags }: Invocation,
  { short, data }: Printable,
): Promise<number> {
  const format = flags.text('output');
  switch (format) {
    case 'short':
      context.terminal.stdout(short());
      return EXIT.done;
    case 'json':
      context.terminal.stdout(`${JSON.stringify(data(), undefined, 4)}\n`);
      return EXIT.done;
    case 'yaml':
      context.terminal.stdout(`${await toYaml([data()])}\n`);
      return EXIT.done;
    default:
      throw new CommandError(`output format ${JSON.stringify(format)} not supported`);
  }
}
