import type { Command } from '../../cli/command.ts';
import { install, INSTALL_FLAGS } from './install.ts';

/** The same as `istioctl install`, without the sail. */
export const upgradeCommand: Command = {
  name: 'upgrade',
  short: 'Bring an installation to the version of this istioctl',
  flags: INSTALL_FLAGS,
  run: install,
};
