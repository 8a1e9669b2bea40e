import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { NewObject } from '../client/client.ts';
import { buildHome, GATEWAY_API_FILES, type ListGatewayApi } from './home.ts';

/** Where the sandbox shows our node and the tools' library to a learner. */
const SANDBOX_PATHS: ToolPaths = { node: '/opt/lab/node', lib: '/opt/lab/lib' };

/** Paths that the wrapper scripts call, as they are where the tools run. */
export interface ToolPaths {
  readonly node: string;
  readonly lib: string;
}

/** Folders that a build has filled. */
export interface BuiltTools {
  /** Executables for the learner's PATH: `istioctl`, `helm`, `sudo`. */
  readonly binFolder: string;
  /** What they load. */
  readonly libFolder: string;
  /** Copied into the learner's home: `istio-1.30.3/` with samples and profiles, `gateway-api/` with its definitions. */
  readonly homeFolder: string;
}

/** Lists CustomResourceDefinitions; given from outside because their schemas are generated. */
export interface Definitions {
  readonly istio: () => readonly NewObject[];
  readonly gatewayApi: ListGatewayApi;
}

/**
 * Bundles istioctl and helm into one file each and writes the executables.
 * @param outFolder is made if missing; gets `bin/` and `lib/`
 */
export async function buildTools(
  outFolder: string,
  options: { readonly paths?: ToolPaths; readonly crds: Definitions },
): Promise<BuiltTools> {
  const { node, lib } = options.paths ?? SANDBOX_PATHS;
  const binFolder = path.join(outFolder, 'bin');
  const libFolder = path.join(outFolder, 'lib');
  const homeFolder = path.join(outFolder, 'home');
  mkdirSync(binFolder, { recursive: true });
  mkdirSync(libFolder, { recursive: true });
  for (const [tool, entry] of BUNDLED) {
    await bundle(entry, path.join(libFolder, `${tool}.mjs`));
    const ours = `exec ${node} ${lib}/${tool}.mjs "$@"`;
    const script = tool === 'helm' ? `${REAL_HELM}\n${ours}` : ours;
    writeExecutable(path.join(binFolder, tool), script);
  }
  writeFileSync(path.join(libFolder, 'istio-crds.json'), JSON.stringify(options.crds.istio()));
  // Lessons say sudo now and then; in a learner's own sandbox there is nobody else to become.
  writeExecutable(path.join(binFolder, 'sudo'), SUDO);
  buildHome(homeFolder, options.crds.gatewayApi);
  return { binFolder, libFolder, homeFolder };
}

/** Whether everything that `buildTools` writes is there. */
export function isBuilt(outFolder: string): boolean {
  const files = [
    ...[...BUNDLED.keys()].flatMap((tool) => [`bin/${tool}`, `lib/${tool}.mjs`]),
    'bin/sudo',
    'lib/istio-crds.json',
    `home/${GATEWAY_API_FILES.experimental}`,
  ];
  return files.every((file) => existsSync(path.join(outFolder, file)));
}

/** Programs that are bundled, and where they begin. */
const BUNDLED: ReadonlyMap<string, URL> = new Map([
  ['istioctl', new URL('./istioctl/main.ts', import.meta.url)],
  ['helm', new URL('./helm/main.ts', import.meta.url)],
]);

/** A helm that the machine has goes first: ours keeps releases as it does, and knows Istio's charts only. */
const REAL_HELM = `for folder in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /snap/bin; do
  if [ -x "$folder/helm" ]; then exec "$folder/helm" "$@"; fi
done`;

const SUDO = `while [ $# -gt 0 ]; do
  case $1 in
    -u | -g | -U) shift 2 ;;
    --) shift; break ;;
    -*) shift ;;
    *=*) export "$1"; shift ;;
    *) break ;;
  esac
done
if [ $# -eq 0 ]; then exec "\${SHELL:-/bin/sh}"; fi
exec "$@"`;

function writeExecutable(file: string, script: string): void {
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

async function bundle(entry: URL, outFile: string): Promise<void> {
  const { build } = await import('esbuild');
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile: outFile,
    bundle: true,
    format: 'esm',
    // Not `node`: that would choose the CommonJS builds of packages, which load and shake worse.
    platform: 'neutral',
    mainFields: ['module', 'main'],
    external: ['node:*'],
    target: 'node24',
    minify: true,
    legalComments: 'inline',
    logLevel: 'silent',
  });
}
