import { isObject, isSame, objectAt, stringMapAt } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { CommandError } from '../../istioctl/cli/command.ts';
import { checked, getObject, type KubeApi } from '../../istioctl/kube/api.ts';
import { isNamed, type Named, objectPath } from '../../istioctl/kube/resource-paths.ts';
import type { ReleaseName } from '../charts/chart.ts';

const MANAGER = 'fieldManager=helm';
const RELEASE_NAME = 'meta.helm.sh/release-name';
const RELEASE_NAMESPACE = 'meta.helm.sh/release-namespace';
const MANAGED_BY = 'app.kubernetes.io/managed-by';

/**
 * Makes the cluster's objects those of a manifest: creates, changes by what differs from the manifest before, and takes away what is
 * no longer named.
 * @throws CommandError for an object of somebody else, and with the API server's refusals
 */
export async function applyManifest(
  api: KubeApi,
  release: ReleaseName,
  {
    before,
    after,
  }: { readonly before: readonly JsonObject[]; readonly after: readonly JsonObject[] },
): Promise<void> {
  const known = new Map(before.flatMap(named).map((object) => [objectPath(object), object]));
  const wanted = after.flatMap(named).map((object) => ({ object, path: objectPath(object) }));
  const missing = new Set<string>();
  for (const { object, path } of wanted) {
    if (known.has(path)) continue;
    const found = await getObject(api, path);
    if (found) refuseForeign(found, object, release);
    else missing.add(path);
  }
  for (const { object, path } of wanted) {
    const owned = withOwner(object, release);
    if (missing.has(path)) await create(api, path, owned);
    else await change(api, path, { before: known.get(path), after: owned });
    known.delete(path);
  }
  await removeObjects(api, [...known.values()]);
}

/** Takes objects away in the order given; those that shall be kept are given back. */
export async function removeObjects(
  api: KubeApi,
  objects: readonly Named[],
): Promise<readonly Named[]> {
  const kept = objects.filter(
    (object) =>
      stringMapAt(object, 'metadata', 'annotations')['helm.sh/resource-policy'] === 'keep',
  );
  for (const object of objects) {
    if (kept.includes(object)) continue;
    const answer = await api.call({ method: 'DELETE', path: objectPath(object) });
    if (answer.status !== 404) checked(answer);
  }
  return kept;
}

async function create(api: KubeApi, path: string, object: JsonObject): Promise<void> {
  checked(
    await api.call({
      method: 'POST',
      path: `${path.slice(0, path.lastIndexOf('/'))}?${MANAGER}`,
      body: JSON.stringify(object),
    }),
  );
}

async function change(
  api: KubeApi,
  path: string,
  { before, after }: { readonly before: JsonObject | undefined; readonly after: JsonObject },
): Promise<void> {
  const patch = before ? difference(before, after) : after;
  const answer = await api.call({
    method: 'PATCH',
    path: `${path}?${MANAGER}`,
    contentType: 'application/merge-patch+json',
    body: JSON.stringify(patch),
  });
  if (answer.status === 404) return create(api, path, after);
  checked(answer);
}

/** A JSON merge patch from one state to the other. */
function difference(before: JsonObject, after: JsonObject): JsonObject {
  const patch: Record<string, Json> = {};
  for (const [key, value] of Object.entries(after)) {
    const old = before[key];
    if (value === undefined || isSame(old, value)) continue;
    patch[key] = isObject(old) && isObject(value) ? difference(old, value) : value;
  }
  for (const key of Object.keys(before)) if (after[key] === undefined) patch[key] = null;
  return patch;
}

function withOwner(object: Named & JsonObject, { name, namespace }: ReleaseName): JsonObject {
  const metadata = objectAt(object, 'metadata');
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: { ...stringMapAt(metadata, 'labels'), [MANAGED_BY]: 'Helm' },
      annotations: {
        ...stringMapAt(metadata, 'annotations'),
        [RELEASE_NAME]: name,
        [RELEASE_NAMESPACE]: namespace,
      },
    },
  };
}

/** The object as one that has a path; none for anything else. */
export function named(object: JsonObject): readonly (Named & JsonObject)[] {
  return isNamed(object) ? [object] : [];
}

function refuseForeign(found: JsonObject, object: Named, release: ReleaseName): void {
  const labels = stringMapAt(found, 'metadata', 'labels');
  const annotations = stringMapAt(found, 'metadata', 'annotations');
  const problems = [
    problem('label', labels, [MANAGED_BY, 'Helm']),
    problem('annotation', annotations, [RELEASE_NAME, release.name]),
    problem('annotation', annotations, [RELEASE_NAMESPACE, release.namespace]),
  ].filter((one) => one !== '');
  if (problems.length === 0) return;
  const { name = '', namespace = '' } = object.metadata;
  throw new CommandError(
    `${object.kind} "${name}" in namespace "${namespace}" exists and cannot be imported into the current release: invalid ownership metadata; ${problems.join('; ')}`,
  );
}

function problem(
  what: string,
  found: Readonly<Record<string, string>>,
  [key, wanted]: readonly [string, string],
): string {
  const value = found[key];
  if (value === wanted) return '';
  return value === undefined
    ? `${what} validation error: missing key "${key}": must be set to "${wanted}"`
    : `${what} validation error: key "${key}" must equal "${wanted}": current value is "${value}"`;
}
