import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Folder with one lab, `bookinfo`, whose cluster starts with Istio's demo profile and Bookinfo. */
export async function makeBookinfoLabs(): Promise<{ readonly folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(path.join(tmpdir(), 'regatta-bench-labs-'));
  const lab = path.join(folder, 'bookinfo');
  await mkdir(lab);
  const index = {
    title: 'Bookinfo',
    description: 'A cluster with Bookinfo.',
    details: { steps: [{ title: 'Look', text: 'step.md' }] },
    regatta: { needs: ['bookinfo'] },
  };
  await writeFile(path.join(lab, 'index.json'), JSON.stringify(index));
  await writeFile(path.join(lab, 'step.md'), 'Look around.\n');
  return {
    folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
