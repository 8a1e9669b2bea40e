import type { JsonObject } from '../../../../kinds/object.ts';
import { EXEMPT_NAMESPACES } from '../../../../mesh/injection/index.ts';
import { textAt } from '../../../install/tree.ts';
import type { Invocation } from '../../cli/command.ts';
import { errorList } from '../../cli/error-list.ts';
import { getObject, listObjects, type KubeApi } from '../../kube/api.ts';
import { namespaceOf } from '../../kube/connect.ts';
import { firstObject } from '../../kube/yaml.ts';
import { EXTENSIONS, hasKnownExtension, readObjects } from './sources.ts';
import { analyzed, COLLECTIONS, kindOf, World, type Analyzed, type AnalyzedKind } from './world.ts';

/** What is analyzed. */
export interface Subjects {
  readonly world: World;
  /** The one namespace to report on; undefined: all. */
  readonly namespace: string | undefined;
  /** Files that were read, folders taken apart. */
  readonly files: readonly string[];
  /** What could not be read of them. */
  readonly problems: readonly string[];
}

/** istioctl takes these from the cluster alone, never from files. */
const ONLY_IN_CLUSTERS: ReadonlySet<AnalyzedKind> = new Set([
  'Namespace',
  'Pod',
  'Secret',
  'Service',
] satisfies AnalyzedKind[]);

/** Whether the namespace to analyze exists; says so when it does not. */
export async function isNamespaceThere(invocation: Invocation, api: KubeApi): Promise<boolean> {
  const { context, flags } = invocation;
  const found = await getObject(api, `/api/v1/namespaces/${namespaceOf(invocation, api)}`);
  if (!found) {
    const typed = JSON.stringify(flags.text('namespace'));
    context.terminal.stderr(`namespace ${typed} not found\n`);
  }
  return found !== undefined;
}

/** Reads the cluster, if there is one to look at, and the files that the arguments name. */
export async function subjectsOf(
  invocation: Invocation,
  api: KubeApi | undefined,
): Promise<Subjects> {
  const { context, flags } = invocation;
  const files = await filesOf(invocation);
  const isAll = flags.isOn('all-namespaces');
  let own = flags.text('namespace') || 'default';
  let mesh: JsonObject = {};
  let entries: readonly Analyzed[] = [];
  if (api) {
    own = namespaceOf(invocation, api);
    mesh = await meshOf(invocation, api);
    entries = await inCluster(invocation, api);
  }
  const meshFile = flags.text('meshConfigFile');
  if (meshFile !== '') mesh = await firstObject(await context.readText(meshFile), meshFile);
  const world = new World(mesh);
  for (const entry of entries) world.add(entry);
  const problems: string[] = [];
  for (const file of files) {
    const read = await readObjects(file, await context.readText(file));
    if (read.problems.length > 0) {
      problems.push(`errors parsing content ${JSON.stringify(file)}: ${errorList(read.problems)}`);
    }
    for (const { object, source } of read.objects) {
      const kind = kindOf(object);
      if (kind === undefined || ONLY_IN_CLUSTERS.has(kind)) continue;
      const entry = analyzed(object, kind, { namespace: own, source });
      if (entry && !EXEMPT_NAMESPACES.has(entry.namespace)) world.add(entry);
    }
  }
  if (problems.length > 0) {
    context.terminal.stderr(`Error(s) adding files: ${errorList(problems)}`);
  }
  return { world, namespace: isAll ? undefined : own, files, problems };
}

async function filesOf({ args, context }: Invocation): Promise<readonly string[]> {
  const found: string[] = [];
  for (const argument of args) {
    const listed = argument === '-' ? ['-'] : await context.filesUnder(argument);
    for (const file of listed) {
      if (file === '-' || hasKnownExtension(file)) {
        found.push(file);
        continue;
      }
      context.terminal.stderr(
        `Skipping file ${file}, recognized file extensions are: [${EXTENSIONS.join(' ')}]\n`,
      );
    }
  }
  return found;
}

async function meshOf({ flags }: Invocation, api: KubeApi): Promise<JsonObject> {
  const path = `/api/v1/namespaces/${flags.text('istioNamespace')}/configmaps/istio`;
  const configMap = await getObject(api, path);
  return firstObject(textAt(configMap, 'data', 'mesh'), 'the mesh configuration');
}

async function inCluster(invocation: Invocation, api: KubeApi): Promise<readonly Analyzed[]> {
  const lists = Object.entries(COLLECTIONS).map(async ([kind, path]) => {
    const objects = await listObjects(api, path);
    return objects.flatMap((object) => {
      const entry = analyzed(object, kind, { namespace: '' });
      return entry && isLookedAt(invocation, entry) ? [entry] : [];
    });
  });
  return (await Promise.all(lists)).flat();
}

const ANY_REVISION: ReadonlySet<AnalyzedKind> = new Set([
  ...ONLY_IN_CLUSTERS,
  'ConfigMap',
  'Deployment',
  'MutatingWebhookConfiguration',
] satisfies AnalyzedKind[]);

function isLookedAt({ flags }: Invocation, entry: Analyzed): boolean {
  const { kind, name, namespace, labels, object } = entry;
  if (EXEMPT_NAMESPACES.has(kind === 'Namespace' ? name : namespace)) return false;
  if (kind === 'ConfigMap') {
    return namespace === flags.text('istioNamespace') && name.startsWith('istio');
  }
  if (kind === 'Secret') {
    const type = textAt(object, 'type');
    return type !== 'helm.sh/release.v1' && type !== 'kubernetes.io/service-account-token';
  }
  const revision = labels['istio.io/rev'];
  return ANY_REVISION.has(kind) || revision === undefined || revision === flags.text('revision');
}
