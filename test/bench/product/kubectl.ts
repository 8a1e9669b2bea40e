import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { findKubectl } from '../../../server/sandbox/find-kubectl.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A real kubectl with a folder of its own for its kubeconfig and its cache of discovery. */
export interface BenchKubectl extends AsyncDisposable {
  /** @throws Error with what it said, for a status other than 0 */
  run(args: readonly string[]): Promise<string>;
}

const LIMIT_MS = 30_000;

/** @throws Error when this machine has no kubectl */
export async function prepareKubectl(kubeconfig: string): Promise<BenchKubectl> {
  const kubectl = findKubectl();
  if (!kubectl) throw new Error('Cannot measure kubectl: this machine has none');
  const home = await temporaryFolder();
  const { folder } = home;
  const config = path.join(folder, 'config');
  await writeFile(config, kubeconfig, { mode: 0o600 });
  const env = { KUBECONFIG: config, HOME: folder, KUBECACHEDIR: path.join(folder, 'cache') };
  return {
    async run(args) {
      const options = { env, timeout: LIMIT_MS };
      return (await promisify(execFile)(kubectl.file, [...args], options)).stdout;
    },
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}
