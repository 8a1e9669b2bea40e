import type { Tool } from '../../../programs/program.ts';
import { refusal } from './answer.ts';

/** A package manager that says, in its own manner, that there is nothing to install from. */
function noPackages(prefix: string, exitCode: number): Tool {
  return async () =>
    refusal(
      `${prefix}Regatta's containers are simulated: packages cannot be installed. ` +
        'Use an image that has the tool, such as curlimages/curl',
      exitCode,
    );
}

/** Package managers, by name. */
export const PACKAGE_TOOLS: Readonly<Record<string, Tool>> = {
  apt: noPackages('E: ', 100),
  'apt-get': noPackages('E: ', 100),
  apk: noPackages('ERROR: ', 1),
  yum: noPackages('Error: ', 1),
  dnf: noPackages('Error: ', 1),
};
