import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { parseAllDocuments } from 'yaml';

import { listen, startForTest } from '../../../provision/simulator/apiserver/fake-surroundings.ts';
import { createPki } from '../../../provision/simulator/apiserver/index.ts';
import { storageKey } from '../../../provision/simulator/apiserver/served-kinds.ts';
import { Store } from '../../../provision/simulator/apiserver/store/store.ts';
import { FakeClock } from '../../../provision/simulator/fake-clock.ts';
import { kindsOfCrd } from '../../../provision/simulator/kinds/crd/kinds.ts';
import { istioCrds } from '../../../provision/simulator/kinds/istio/crds.ts';
import { gatewayApiCrds } from '../../../provision/simulator/kinds/istio/gateway-api.ts';
import {
  asJson,
  asKubeObject,
  isObject,
  objectAt,
  stringAt,
} from '../../../provision/simulator/kinds/json.ts';
import type { Kind } from '../../../provision/simulator/kinds/kind.ts';
import type { JsonObject } from '../../../provision/simulator/kinds/object.ts';
import { builtinKinds } from '../../../provision/simulator/kinds/registry.ts';

/** kubectl at an API server that holds the objects under `objects/` and has no controllers: nothing ever changes. */
export interface FilledCluster extends AsyncDisposable {
  /** What a command line with this kubectl prints, both outputs, with its status at the end when that is not 0. */
  run(commandLine: string, kubectl: string): Promise<string>;
}

const OBJECTS = fileURLToPath(new URL('objects', import.meta.url));
/** Kept still by the fake clock at 2026-01-01T00:00:00Z: what says no time of its own is an hour old. */
const CREATED = '2025-12-31T23:00:00Z';
const COMMAND_LIMIT_MS = 30_000;

export async function startFilledCluster(): Promise<FilledCluster> {
  await using stack = new AsyncDisposableStack();
  const store = await filledStore();
  // Certificates that today's clients take, in a cluster that stands still at another time.
  const pki = await createPki(Date.now());
  const { api } = await startForTest({ prepared: { store }, pki, clock: new FakeClock() });
  stack.use(api);
  const { port } = stack.use(await listen(api));
  const folder = await mkdtemp(join(tmpdir(), 'tables-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const config = join(folder, 'config');
  await writeFile(config, api.kubeconfig(`https://127.0.0.1:${port}`), { mode: 0o600 });
  const env = { HOME: folder, KUBECONFIG: config, KUBECACHEDIR: join(folder, 'cache'), TZ: 'UTC' };
  const owned = stack.move();
  return {
    run: (commandLine, kubectl) => run(commandLine, kubectl, env),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function run(
  commandLine: string,
  kubectl: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const script = `exec 2>&1\nkubectl() { '${kubectl}' "$@"; }\n${commandLine}`;
  const options = { env: { ...env, PATH: '/usr/bin:/bin' }, timeout: COMMAND_LIMIT_MS };
  try {
    const { stdout } = await promisify(execFile)('bash', ['-c', script], options);
    return stdout;
  } catch (error) {
    if (!(error instanceof Error && 'stdout' in error && 'code' in error)) throw error;
    return `${String(error.stdout)}[exit ${String(error.code)}]\n`;
  }
}

async function filledStore(): Promise<Store> {
  const crds = [...istioCrds(), ...gatewayApiCrds()].map(asJson);
  const objects = [...crds, ...(await readObjects())];
  const kinds = [...builtinKinds()];
  const store = new Store();
  objects.forEach((object, index) => {
    const kind = kindOf(kinds, object);
    const stored = kind.applyDefaults(asKubeObject(withIdentity(kind, object, index + 1)));
    store.put(storageKey(kind), () => stored);
    if (kind.kind === 'CustomResourceDefinition') kinds.push(...kindsOfCrd(stored));
  });
  return store;
}

async function readObjects(): Promise<readonly JsonObject[]> {
  const files = (await readdir(OBJECTS)).toSorted();
  const texts = await Promise.all(files.map((file) => readFile(join(OBJECTS, file), 'utf8')));
  const objects = texts
    .flatMap((text) => parseAllDocuments(text))
    .map((document): unknown => document.toJS())
    .filter((value) => isObject(value));
  // Definitions first: the others may be of the kinds they define.
  return objects.toSorted((a, b) => Number(isDefinition(b)) - Number(isDefinition(a)));
}

function isDefinition(object: JsonObject): boolean {
  return stringAt(object, 'kind') === 'CustomResourceDefinition';
}

function kindOf(kinds: readonly Kind[], object: JsonObject): Kind {
  const kind = kinds.find(
    (one) =>
      one.kind === object['kind'] &&
      object['apiVersion'] === (one.group === '' ? one.version : `${one.group}/${one.version}`),
  );
  if (!kind) throw new Error(`Cannot fill a cluster with ${JSON.stringify(object)}: no such kind`);
  return kind;
}

function withIdentity(kind: Kind, object: JsonObject, number: number): JsonObject {
  return {
    ...object,
    metadata: {
      creationTimestamp: CREATED,
      uid: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
      ...(kind.isNamespaced && { namespace: 'default' }),
      ...objectAt(object, 'metadata'),
      resourceVersion: String(number),
    },
  };
}
