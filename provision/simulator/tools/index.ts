/** What a learner finds in the sandbox beside kubectl: istioctl, and samples and definitions in the home folder. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { istioCrds } from '../kinds/istio/crds.ts';
import { gatewayApiCrds } from '../kinds/istio/gateway-api.ts';
import { buildTools, isBuilt, type BuiltTools } from './build.ts';

/** Folders for the sandbox. */
export type LabTools = BuiltTools;

const OUT_FOLDER = fileURLToPath(new URL('../../../.cache/tools', import.meta.url));

/** The tools as they were built last; builds them when they are missing. */
export async function labTools(): Promise<LabTools> {
  if (!isBuilt(OUT_FOLDER)) return buildLabTools();
  return {
    binFolder: path.join(OUT_FOLDER, 'bin'),
    libFolder: path.join(OUT_FOLDER, 'lib'),
    homeFolder: path.join(OUT_FOLDER, 'home'),
  };
}

/** Builds the tools anew, about a tenth of a second. */
export function buildLabTools(): Promise<LabTools> {
  return buildTools(OUT_FOLDER, { crds: { istio: istioCrds, gatewayApi: gatewayApiCrds } });
}
