/** Makes the schema data file from npm packages at build time: `node provision/simulator/kinds/schemas/generate.ts`. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { builtinDefinitions } from './builtin.ts';
import { gatewaySchemas, istioSchemas } from './custom.ts';
import type { Section } from './stored.ts';
import { SECTIONS } from './stored.ts';

/** Where the data file stands when nobody says otherwise. Git ignores the folder. */
export const SCHEMA_FILE = join(import.meta.dirname, '../../../../.cache/schemas/kubernetes.jsonl');

/**
 * Writes the schemas of all built-in kinds and of Istio's and Gateway API's to `outFile`, unless it is there already
 * and was made by this generator from the same packages.
 */
export function generateSchemas(outFile: string): void {
  const stamp = currentStamp();
  if (stampOf(outFile) === stamp) return;
  const lines = [stamp, ...SECTIONS.map((section) => JSON.stringify(GENERATORS[section]()))];
  mkdirSync(dirname(outFile), { recursive: true });
  // Several processes may find the file missing at once; each sees a whole file.
  const draft = `${outFile}.${process.pid}`;
  writeFileSync(draft, lines.join('\n'));
  renameSync(draft, outFile);
}

const GENERATORS: Readonly<Record<Section, () => object>> = {
  builtin: () =>
    builtinDefinitions({
      clientModels: packageFolder('client-node-1-34', 'dist/gen/models'),
      kubernetesModels: packageFolder('kubernetes-models'),
      apimachinery: packageFolder('@kubernetes-models/apimachinery'),
    }),
  istio: () => istioSchemas(packageFolder('@kubernetes-models/istio')),
  gateway: () =>
    gatewaySchemas(
      packageFolder('@kubernetes-models/gateway-api'),
      packageFolder('@kubernetes-models/apimachinery'),
    ),
};

const PACKAGES = [
  'client-node-1-34',
  'kubernetes-models',
  '@kubernetes-models/istio',
  '@kubernetes-models/gateway-api',
];

function currentStamp(): string {
  const hash = createHash('sha256');
  for (const name of PACKAGES) hash.update(readFileSync(join(packageFolder(name), 'package.json')));
  for (const file of readdirSync(import.meta.dirname)) {
    hash.update(readFileSync(join(import.meta.dirname, file)));
  }
  return hash.digest('hex');
}

/** The first line of the file, empty when there is no file. */
function stampOf(file: string): string {
  const stamp = Buffer.alloc(64);
  try {
    const descriptor = openSync(file, 'r');
    readSync(descriptor, stamp);
    closeSync(descriptor);
  } catch {
    // Not made yet: whoever asks makes it.
    return '';
  }
  return stamp.toString();
}

function packageFolder(name: string, ...path: readonly string[]): string {
  // Not every package exports its package.json, so that the module search path is walked by hand.
  const paths = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const found = paths
    .map((folder) => join(folder, name))
    .find((folder) => existsSync(join(folder, 'package.json')));
  if (found === undefined) {
    throw new Error(`Cannot make the schemas: the package ${name} is not installed`);
  }
  return join(found, ...path);
}

if (import.meta.main) generateSchemas(process.argv[2] ?? SCHEMA_FILE);
