import { EXIT, type Command } from '../../cli/command.ts';
import { table } from '../../terminal/table.ts';

/** Flags that istioctl's own settings may give another default, with the defaults. */
const SETTINGS: readonly (readonly [string, string])[] = [
  ['authority', ''],
  ['cert-dir', ''],
  ['insecure', 'false'],
  ['istioNamespace', 'istio-system'],
  ['plaintext', 'false'],
  ['prefer-experimental', 'false'],
  ['xds-address', ''],
  ['xds-port', '15012'],
];

export const configCommand: Command = {
  name: 'config',
  short: 'Defaults of istioctl itself',
  examples: `  # list configuration parameters
  istioctl experimental config list`,
  commands: [
    {
      name: 'list',
      short: 'List istio configurable defaults',
      run: async ({ context }) => {
        const rows = SETTINGS.map(([flag, value]) => [flag, value, 'default']);
        context.terminal.stdout(table([['FLAG', 'VALUE', 'FROM'], ...rows], 5));
        return EXIT.done;
      },
    },
  ],
};
