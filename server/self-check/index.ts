import { createProvider, labTools, type Provider } from '../../provision/index.ts';
import { VERIFIER_IDS } from '../../verifiers/index.ts';
import type { ServerConfig } from '../config.ts';
import type { Lab, LabProblem } from '../labs/lab.ts';
import { loadLabs } from '../labs/load.ts';
import { createSandboxFactory } from '../sandbox/factory.ts';
import type { SelfCheckTools } from './play-lab.ts';

export { playLab, type StepReport } from './play-lab.ts';

/** Labs and the means to play them. Disposing of it ends the clusters. */
export interface SelfCheck extends AsyncDisposable {
  readonly labs: readonly Lab[];
  readonly problems: readonly LabProblem[];
  readonly tools: SelfCheckTools;
}

/** @throws SandboxError where no shell can be confined */
export async function prepareSelfCheck(config: ServerConfig): Promise<SelfCheck> {
  const [sandboxes, loaded] = await Promise.all([
    createSandboxFactory({ mode: config.sandbox, ...(await labTools()) }),
    loadLabs(config.labsFolder, new Set(VERIFIER_IDS)),
  ]);
  const provider: Provider = createProvider(config.provider);
  return {
    ...loaded,
    tools: { provider, sandboxes },
    async [Symbol.asyncDispose]() {
      await provider[Symbol.asyncDispose]();
      await sandboxes[Symbol.asyncDispose]();
    },
  };
}
