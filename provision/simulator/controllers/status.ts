import type { ClusterClient, Resource } from '../client/client.ts';
import { isSame } from '../kinds/json.ts';
import type { KubeObject } from '../kinds/object.ts';

/**
 * Writes the status that `statusOf` works out for the object as it is now. Nothing is written when it says that already,
 * or when another object has taken its name.
 */
export async function updateStatus<T extends KubeObject & { readonly status?: unknown }>(
  client: ClusterClient,
  resource: Resource<T>,
  { metadata }: KubeObject,
  statusOf: (latest: T) => object,
): Promise<void> {
  const latest = client.get(resource, metadata.name, metadata.namespace);
  if (latest?.metadata.uid !== metadata.uid) return;
  const status = statusOf(latest);
  if (isSame(status, latest.status)) return;
  const object: KubeObject = latest;
  await client.update(resource, { ...object, status }, { subresource: 'status' });
}
