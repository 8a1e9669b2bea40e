import { spawnSync } from 'node:child_process';

/** Versioned binaries as the Google Cloud SDK names them, newest first. */
const NAMES = ['kubectl.1.34', 'kubectl.1.33', 'kubectl.1.32', 'kubectl.1.31', 'kubectl'];

/**
 * A real kubectl on the environment's PATH: `kubectl.<version>` for the wanted minor version, else the newest there is.
 * @throws Error naming what was looked for when there is none: what the simulator claims is tested with the real tool
 */
export function findKubectl(version?: string): string {
  const names = version === undefined ? NAMES : [`kubectl.${version}`];
  for (const name of names) {
    const { stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    const file = stdout.trim();
    if (file !== '') return file;
  }
  throw new Error(`Cannot test with kubectl: none of ${names.join(', ')} is on the PATH`);
}
