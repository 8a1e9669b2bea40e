import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { temporaryFolder } from './temporary-folder.ts';

/** Folder with one lab, `bookinfo`, whose cluster starts with Istio's demo profile and Bookinfo. */
export async function makeBookinfoLabs(): Promise<{ readonly folder: string } & AsyncDisposable> {
  const labs = await temporaryFolder();
  const lab = path.join(labs.folder, 'bookinfo');
  await mkdir(lab);
  const index = {
    title: 'Bookinfo',
    description: 'A cluster with Bookinfo.',
    details: { steps: [{ title: 'Look', text: 'step.md' }] },
    regatta: { needs: ['bookinfo'] },
  };
  await writeFile(path.join(lab, 'index.json'), JSON.stringify(index));
  await writeFile(path.join(lab, 'step.md'), 'Look around.\n');
  return labs;
}
