import path from 'node:path';

import { commandFolders } from '../config.ts';
import { BoxFactory, type BoxFolders } from './box-factory.ts';
import { explainFailure, knownObstacle, machineFacts } from './diagnosis.ts';
import { findKubectl } from './find-kubectl.ts';
import { SandboxError } from './sandbox-error.ts';
import type { SandboxFactory } from './sandbox.ts';
import { UnconfinedShell } from './unconfined.ts';

export { SandboxError } from './sandbox-error.ts';

export interface SandboxOptions extends BoxFolders {
  /** `none` serves one learner without confinement, and is never chosen by itself. */
  readonly mode: 'auto' | 'none';
}

const NO_SANDBOX = 'or serve yourself alone, not confined, with --sandbox none';
const TRIAL_MS = 10_000;

/**
 * Finds out how learners can be confined here, by starting a real box: a version number proves nothing.
 * @throws SandboxError where they cannot; the sentence names the cause and the way out
 */
export async function createSandboxFactory(options: SandboxOptions): Promise<SandboxFactory> {
  if (options.mode === 'none') return unconfinedFactory(options);
  const facts = machineFacts();
  const obstacle = knownObstacle(facts);
  if (obstacle !== undefined) {
    throw new SandboxError(`Cannot confine learners: ${obstacle}, ${NO_SANDBOX}`);
  }
  const factory = await BoxFactory.prepare(options);
  try {
    await using box = await factory.create({ kubeconfig: '', locale: 'en' });
    const { code, stderr } = await box.run({ command: ['true'], timeoutMs: TRIAL_MS });
    if (code !== 0) throw new Error(stderr.trim() || `status ${code}`);
  } catch (cause) {
    await factory[Symbol.asyncDispose]();
    const complaint = cause instanceof Error ? cause.message : String(cause);
    throw new SandboxError(
      `Cannot confine learners: ${explainFailure(complaint, facts)}, ${NO_SANDBOX}`,
      { cause },
    );
  }
  return factory;
}

function unconfinedFactory({ binFolder, homeFolder }: BoxFolders): SandboxFactory {
  let isTaken = false;
  return {
    mode: 'none',
    limits: ['none: this shell is not confined'],
    async create({ kubeconfig, locale }) {
      if (isTaken) {
        throw new SandboxError(
          'Cannot take a second learner: without a sandbox there is room for one',
        );
      }
      isTaken = true;
      const kubectl = findKubectl();
      const folders = [
        binFolder,
        ...(kubectl ? [path.dirname(kubectl.file)] : []),
        ...commandFolders(),
      ];
      const onEnd = () => {
        isTaken = false;
      };
      try {
        const commandPath = folders.join(':');
        return await UnconfinedShell.create({ kubeconfig, locale, homeFolder, commandPath, onEnd });
      } catch (error) {
        onEnd();
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      isTaken = false;
    },
  };
}
