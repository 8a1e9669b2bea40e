import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { commandFolders } from '../../server/config.ts';
import { findChromium } from './chromium.ts';
import { provideKubectl } from './kubectl.ts';
import { ROOT } from './stamp.ts';
import { provideSystemPackage } from './system-package.ts';

/** One thing the machine needs. What a step needs itself is loaded when it runs: mostly none has to. */
export interface SetupStep {
  readonly name: string;
  /** `test`: only for `npm test`. */
  readonly purpose: 'start' | 'test';
  /** Files and folders whose change makes the step run again; a step without them looks for itself, quickly. */
  readonly inputs?: readonly string[];
  readonly run: (say: (text: string) => void) => Promise<void> | void;
}

const LOCK = 'package-lock.json';

export const SETUP_STEPS: readonly SetupStep[] = [
  {
    name: 'schemas',
    purpose: 'start',
    inputs: ['provision/simulator/kinds/schemas', LOCK],
    async run(say) {
      say('Preparing the Kubernetes and Istio schemas …');
      const { prepareSchemas } = await import('../../provision/index.ts');
      await prepareSchemas();
    },
  },
  {
    name: 'tools',
    purpose: 'start',
    inputs: [
      'provision/simulator/tools',
      'provision/simulator/mesh/injection',
      'provision/simulator/mesh/pilot/validation',
      'provision/simulator/kinds/istio',
      'provision/simulator/kinds/schemas',
      LOCK,
    ],
    async run(say) {
      say('Bundling istioctl …');
      const { buildLabTools } = await import('../../provision/index.ts');
      await buildLabTools();
    },
  },
  {
    name: 'page',
    purpose: 'start',
    inputs: ['web', 'server/protocol', LOCK],
    run(say) {
      say('Building the page …');
      buildPage();
    },
  },
  {
    name: 'bubblewrap',
    purpose: 'start',
    run: (say) =>
      provideSystemPackage(say, {
        isThere: () => isOnPath('bwrap'),
        packages: ['bubblewrap'],
        why: 'the sandbox of the learners’ shells',
      }),
  },
  { name: 'kubectl', purpose: 'start', run: provideKubectl },
  {
    name: 'chromium',
    purpose: 'test',
    run: (say) =>
      provideSystemPackage(say, {
        isThere: () => findChromium() !== undefined,
        packages: ['chromium', 'fonts-noto-cjk'],
        why: 'the browser tests',
      }),
  },
];

function isOnPath(command: string): boolean {
  const folders = [...commandFolders(), '/usr/bin', '/usr/local/bin'];
  return folders.some((folder) => existsSync(path.join(folder, command)));
}

function buildPage(): void {
  const vite = path.join(ROOT, 'node_modules/vite/bin/vite.js');
  const build = spawnSync(
    process.execPath,
    [vite, 'build', 'web', '--outDir', '../dist/web', '--emptyOutDir', '--logLevel', 'warn'],
    { cwd: ROOT, stdio: ['ignore', process.stderr, 'inherit'] },
  );
  if (build.status !== 0)
    throw new Error('Cannot build the page: Vite reported an error (see above)');
  writeFileSync(path.join(ROOT, 'dist/.gitignore'), '*\n');
}
