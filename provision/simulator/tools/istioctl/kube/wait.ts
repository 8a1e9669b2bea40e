import { at, isObject, listAt, numberAt, objectAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { goDuration } from '../../../programs/go/duration.ts';
import { textAt } from '../../install/tree.ts';
import { CommandError } from '../cli/command.ts';
import { checked, type KubeApi } from './api.ts';

/** A set of objects of one collection that shall become ready. */
export interface Wait {
  /** Path of the list. */
  readonly collection: string;
  readonly names: readonly string[];
  /** How messages call one of them: `Deployment/istio-system/istiod`. */
  readonly describe: (name: string) => string;
  readonly isReady: (object: JsonObject) => boolean;
  /** Told of those that are not ready, as described, at first and after each change. */
  readonly onPending: (descriptions: readonly string[]) => void;
  readonly timeoutMs: number;
}

/** The time is up. */
export class NotReady extends CommandError {
  /** Names of what is not ready. */
  readonly names: readonly string[];

  constructor(message: string, names: readonly string[]) {
    super(message);
    this.names = names;
  }
}

/**
 * Waits by a watch until every named object is ready.
 * @throws NotReady when the time is up
 */
export async function waitUntilReady(api: KubeApi, wait: Wait): Promise<void> {
  const list = checked(await api.call({ method: 'GET', path: wait.collection })).json;
  const pending = new Set(wait.names);
  const see = (object: JsonObject) => {
    const name = textAt(object, 'metadata', 'name');
    if (!wait.names.includes(name)) return;
    if (wait.isReady(object)) pending.delete(name);
    else pending.add(name);
  };
  for (const item of listAt(list, 'items')) if (isObject(item)) see(item);
  if (pending.size === 0) return;
  const stillPending = () => [...pending].toSorted().map(wait.describe);
  wait.onPending(stillPending());
  const done = new AbortController();
  const signal = AbortSignal.any([done.signal, AbortSignal.timeout(wait.timeoutMs)]);
  let revision = textAt(list, 'metadata', 'resourceVersion');
  while (pending.size > 0 && !signal.aborted) {
    const query = `?watch=true&allowWatchBookmarks=true&resourceVersion=${revision}`;
    await api.watch(
      `${wait.collection}${query}`,
      (event) => {
        const object = objectAt(event, 'object');
        revision = textAt(object, 'metadata', 'resourceVersion') || revision;
        if (event['type'] !== 'ADDED' && event['type'] !== 'MODIFIED') return;
        see(object);
        if (pending.size === 0) done.abort();
        else wait.onPending(stillPending());
      },
      signal,
    );
  }
  if (pending.size > 0) {
    throw new NotReady(
      `resources not ready after ${goDuration(wait.timeoutMs)}: context deadline exceeded`,
      [...pending].toSorted(),
    );
  }
}

/** Whether a Deployment has rolled out: the newest template everywhere, and every replica available. */
export function isRolledOut(deployment: JsonObject): boolean {
  const wanted = numberAt(deployment, 'spec', 'replicas') ?? 1;
  const status = objectAt(deployment, 'status');
  return (
    (numberAt(status, 'observedGeneration') ?? 0) >=
      (numberAt(deployment, 'metadata', 'generation') ?? 0) &&
    (numberAt(status, 'updatedReplicas') ?? 0) >= wanted &&
    (numberAt(status, 'availableReplicas') ?? 0) >= wanted
  );
}

/** Whether the API server serves what a CustomResourceDefinition defines. */
export function isEstablished(definition: JsonObject): boolean {
  return listAt(definition, 'status', 'conditions').some(
    (condition) =>
      textAt(condition, 'type') === 'Established' && at(condition, 'status') === 'True',
  );
}
