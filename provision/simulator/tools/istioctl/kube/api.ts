import { isObject, listAt } from '../../../kinds/json.ts';
import type { JsonObject, Labels } from '../../../kinds/object.ts';
import { textAt } from '../../install/tree.ts';
import { CommandError } from '../cli/command.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path with query: `/api/v1/namespaces?limit=1`. */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: JsonObject | undefined;
}

/** A cluster as istioctl sees it: the Kubernetes API over HTTPS. */
export interface KubeApi extends Disposable {
  /** Namespace of the kubeconfig's context. */
  readonly namespace: string;
  /** Rejects with a CommandError when the API server cannot be reached; statuses are the caller's to judge. */
  call(request: ApiRequest): Promise<ApiAnswer>;
  /** Tells of each watch event until `signal` is aborted or the server ends the watch. */
  watch(path: string, onEvent: (event: JsonObject) => void, signal: AbortSignal): Promise<void>;
}

/** The object at `path`, or undefined when there is none. */
export async function getObject(api: KubeApi, path: string): Promise<JsonObject | undefined> {
  const answer = await api.call({ method: 'GET', path });
  if (answer.status === 404) return undefined;
  return checked(answer).json;
}

/** The items of the list at `path` that a label selector picks out; empty when the kind is not served. */
export async function listObjects(
  api: KubeApi,
  path: string,
  labelSelector = '',
): Promise<readonly JsonObject[]> {
  const query = labelSelector === '' ? '' : `?labelSelector=${encodeURIComponent(labelSelector)}`;
  const answer = await api.call({ method: 'GET', path: `${path}${query}` });
  if (answer.status === 404) return [];
  return listAt(checked(answer).json, 'items').filter(isObject);
}

/** A map of labels as a selector: `app=reviews,version=v1`. */
export function selectorText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

/**
 * The answer itself if it is a success.
 * @throws CommandError with the API server's own message
 */
export function checked(answer: ApiAnswer): ApiAnswer {
  if (answer.status < 300) return answer;
  throw new CommandError(refusalOf(answer));
}

/** What the API server said against a request. */
export function refusalOf({ status, text, json }: ApiAnswer): string {
  return textAt(json, 'message') || text.trim() || `the server answered with status ${status}`;
}
