/** What a learner finds in the sandbox beside kubectl: istioctl, and Istio's samples in the home folder. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { istioCrds } from '../kinds/istio/crds.ts';
import { buildTools, isBuilt, type BuiltTools } from './build.ts';

/** Folders for the sandbox. */
export interface LabTools extends BuiltTools {
  /** Copied into the learner's home: `istio-1.30.3/` with samples and profiles. */
  readonly homeFolder: string;
}

const OUT_FOLDER = fileURLToPath(new URL('../../../.cache/tools', import.meta.url));
const HOME_FOLDER = fileURLToPath(new URL('./samples', import.meta.url));

/** The tools as they were built last; builds them when they are missing. */
export async function labTools(): Promise<LabTools> {
  if (!isBuilt(OUT_FOLDER)) return buildLabTools();
  return {
    binFolder: path.join(OUT_FOLDER, 'bin'),
    libFolder: path.join(OUT_FOLDER, 'lib'),
    homeFolder: HOME_FOLDER,
  };
}

/** Builds the tools anew, about a tenth of a second. */
export async function buildLabTools(): Promise<LabTools> {
  const built = await buildTools(OUT_FOLDER, { crds: istioCrds });
  return { ...built, homeFolder: HOME_FOLDER };
}
