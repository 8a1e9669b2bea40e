import { listAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { textAt, textsAt } from '../../install/tree.ts';
import { checked, listObjects, type KubeApi } from './api.ts';
import { collectionPath, INSTALLED_COLLECTIONS, objectPath, type Named } from './resource-paths.ts';

/** A control plane found in the cluster. */
export interface ControlPlane {
  /** `default` for the revision without a name. */
  readonly revision: string;
  readonly version: string;
}

/** The control planes in a namespace, by their Deployments. */
export async function controlPlanes(
  api: KubeApi,
  namespace: string,
): Promise<readonly ControlPlane[]> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const deployments = await listObjects(api, path, 'app=istiod');
  return deployments.map((deployment) => {
    const [container] = listAt(deployment, 'spec', 'template', 'spec', 'containers');
    return {
      revision: textAt(deployment, 'metadata', 'labels', 'istio.io/rev') || 'default',
      version: imageVersion(textAt(container, 'image')),
    };
  });
}

/** The tag of an image without what names its variant: `1.30.3` of `…/proxyv2:1.30.3-distroless`. */
export function imageVersion(image: string): string {
  const tag = /:([^/@]+)(@.*)?$/.exec(image)?.[1] ?? 'unknown';
  return tag.replace(/-(distroless|debug)$/, '');
}

/** What an installation has put into the cluster and a label selector picks out, in the order of removal. */
export async function installedObjects(
  api: KubeApi,
  labelSelector: string,
): Promise<readonly (Named & JsonObject)[]> {
  const found: (Named & JsonObject)[] = [];
  for (const collection of INSTALLED_COLLECTIONS) {
    for (const item of await listObjects(api, collectionPath(collection), labelSelector)) {
      const metadata = {
        name: textAt(item, 'metadata', 'name'),
        namespace: textAt(item, 'metadata', 'namespace'),
        labels: textsAt(item, 'metadata', 'labels'),
      };
      found.push({ apiVersion: collection.groupVersion, kind: collection.kind, metadata });
    }
  }
  return found;
}

/** Takes objects away, telling of each; one that has gone already is passed over. */
export async function removeObjects(
  api: KubeApi,
  objects: readonly Named[],
  onRemoved: (object: Named) => void,
): Promise<void> {
  for (const object of objects) {
    const answer = await api.call({ method: 'DELETE', path: objectPath(object) });
    if (answer.status === 404) continue;
    checked(answer);
    onRemoved(object);
  }
}

/** `apps/v1, Kind=Deployment/istiod.istio-system`: how istioctl tells of what it removes. */
export function removalName({ apiVersion, kind, metadata }: Named): string {
  const groupVersion = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`;
  return `${groupVersion}, Kind=${kind}/${metadata.name ?? ''}.${metadata.namespace ?? ''}`;
}
