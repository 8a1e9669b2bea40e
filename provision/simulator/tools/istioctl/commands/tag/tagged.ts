import type { JsonObject } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';
import { listObjects, type KubeApi } from '../../kube/api.ts';
import type { Named } from '../../kube/resource-paths.ts';
import { byText } from '../../text-order.ts';

/** Label with the name of a tag, on the objects that make it. */
export const TAG_LABEL = 'istio.io/tag';
/** Label with the name of a revision or, on namespaces and pods, of a tag. */
export const REVISION_LABEL = 'istio.io/rev';

const ADMISSION = 'admissionregistration.k8s.io/v1';
export const MUTATING_WEBHOOKS = `/apis/${ADMISSION}/mutatingwebhookconfigurations`;
const VALIDATING_WEBHOOKS = `/apis/${ADMISSION}/validatingwebhookconfigurations`;

/** A tag as `istioctl tag list` shows it; a revision that no tag points to has the empty tag. */
export interface Tag {
  readonly tag: string;
  readonly revision: string;
  readonly namespaces: readonly string[];
}

/** All tags, and the revisions without one, by revision, then tag. */
export async function tagsInCluster(api: KubeApi, istioNamespace: string): Promise<readonly Tag[]> {
  const objects = [
    ...(await listObjects(api, MUTATING_WEBHOOKS, REVISION_LABEL)),
    ...(await listObjects(api, servicesOf(istioNamespace), REVISION_LABEL)),
  ];
  const known = new Map<string, { readonly tag: string; readonly revision: string }>();
  for (const object of objects) {
    const tag = labelOf(object, TAG_LABEL);
    const revision = labelOf(object, REVISION_LABEL);
    known.set(JSON.stringify([revision, tag]), { tag, revision });
  }
  const all = [...known.values()];
  const shown = all.filter(
    ({ tag, revision }) =>
      tag !== '' || !all.some((other) => other.tag !== '' && other.revision === revision),
  );
  const sorted = shown.toSorted(
    (one, other) => byText(one.revision, other.revision) || byText(one.tag, other.tag),
  );
  return Promise.all(
    sorted.map(async ({ tag, revision }) => ({
      tag,
      revision,
      namespaces: await namespacesOf(api, tag),
    })),
  );
}

/** Names of the namespaces whose label names the tag. */
export async function namespacesOf(api: KubeApi, tag: string): Promise<readonly string[]> {
  const found = await listObjects(api, '/api/v1/namespaces', `${REVISION_LABEL}=${tag}`);
  return found.map(nameOf);
}

/** Webhooks and Services that make up a tag. */
export async function taggedObjects(
  api: KubeApi,
  istioNamespace: string,
  tag: string,
): Promise<readonly Named[]> {
  const selector = `${TAG_LABEL}=${tag}`;
  return [
    ...(await listObjects(api, MUTATING_WEBHOOKS, selector)).map(
      named(ADMISSION, 'MutatingWebhookConfiguration'),
    ),
    ...(await listObjects(api, VALIDATING_WEBHOOKS, selector)).map(
      named(ADMISSION, 'ValidatingWebhookConfiguration'),
    ),
    ...(await listObjects(api, servicesOf(istioNamespace), selector)).map(named('v1', 'Service')),
  ];
}

function named(apiVersion: string, kind: string) {
  return (object: JsonObject): Named => ({
    apiVersion,
    kind,
    metadata: { name: nameOf(object), namespace: textAt(object, 'metadata', 'namespace') },
  });
}

function servicesOf(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/services`;
}

function labelOf(object: JsonObject, name: string): string {
  return textAt(object, 'metadata', 'labels', name);
}

function nameOf(object: JsonObject): string {
  return textAt(object, 'metadata', 'name');
}
