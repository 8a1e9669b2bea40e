import type { NewObject } from '../../../client/client.ts';
import { CommandError } from '../cli/command.ts';
import { refusalOf, type ApiAnswer, type KubeApi } from './api.ts';
import { objectPath } from './resource-paths.ts';

/** The field manager of Istio's installer (Kubernetes page "Server-Side Apply"). */
const FIELD_MANAGER = 'istio-operator';
const UNSUPPORTED_MEDIA_TYPE = 415;
const NOT_FOUND = 404;

/**
 * Brings an object into the cluster by server-side apply, taking over fields that others own.
 * @throws CommandError with the API server's refusal
 */
export async function applyObject(api: KubeApi, object: NewObject): Promise<void> {
  const path = objectPath(object);
  const body = JSON.stringify(object);
  const answer = await api.call({
    method: 'PATCH',
    path: `${path}?fieldManager=${FIELD_MANAGER}&force=true`,
    contentType: 'application/apply-patch+yaml',
    body,
  });
  const settled =
    answer.status === UNSUPPORTED_MEDIA_TYPE ? await mergeOrCreate(api, path, body) : answer;
  if (settled.status < 300) return;
  throw new CommandError(
    `failed to update resource with server-side apply for obj ${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}: ${refusalOf(settled)}`,
  );
}

/** What an API server without server-side apply can do: change what is there, or make it. */
async function mergeOrCreate(api: KubeApi, path: string, body: string): Promise<ApiAnswer> {
  const query = `?fieldManager=${FIELD_MANAGER}`;
  const merged = await api.call({
    method: 'PATCH',
    path: `${path}${query}`,
    contentType: 'application/merge-patch+json',
    body,
  });
  if (merged.status !== NOT_FOUND) return merged;
  const collection = path.slice(0, path.lastIndexOf('/'));
  return api.call({ method: 'POST', path: `${collection}${query}`, body });
}
