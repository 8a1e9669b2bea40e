import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

import type { WatchedResource } from '../verifier.ts';
import type { ClusterConnection } from './connection.ts';

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 10_000;

/**
 * Calls `onChange` whenever an object of one of the resources changes, until disposed of. A resource that is not
 * served yet is asked for again, so that a CRD installed later is seen.
 */
export function watchResources(
  connection: ClusterConnection,
  resources: readonly WatchedResource[],
  onChange: () => void,
): Disposable {
  const stop = new AbortController();
  for (const resource of resources)
    void keepWatching({ connection, resource, onChange, signal: stop.signal });
  return { [Symbol.dispose]: () => stop.abort() };
}

interface WatchJob {
  readonly connection: ClusterConnection;
  readonly resource: WatchedResource;
  readonly onChange: () => void;
  readonly signal: AbortSignal;
}

async function keepWatching(job: WatchJob): Promise<void> {
  let retryMs = FIRST_RETRY_MS;
  while (!job.signal.aborted) {
    const isWorking = await watchOnce(job);
    retryMs = isWorking ? FIRST_RETRY_MS : Math.min(retryMs * 2, LAST_RETRY_MS);
    // Rejects when the watch is called off, which ends the loop.
    await delay(retryMs, undefined, { signal: job.signal, ref: false }).catch(() => undefined);
  }
}

/** Whether the server gave a stream; a refusal and a broken line are tried again later alike. */
async function watchOnce({ connection, resource, onChange, signal }: WatchJob): Promise<boolean> {
  const prefix = resource.apiVersion.includes('/') ? '/apis' : '/api';
  const query = 'watch=true&allowWatchBookmarks=true';
  let isWorking = false;
  try {
    const path = `${prefix}/${resource.apiVersion}/${resource.plural}?${query}`;
    const { status, body } = await connection.get(path, signal);
    isWorking = status === 200;
    for await (const line of createInterface({ input: body })) {
      if (isWorking && !line.startsWith('{"type":"BOOKMARK"')) onChange();
    }
  } catch (error) {
    // The line broke or the watch was called off: the loop asks again, or ends.
    if (!(error instanceof Error)) throw error;
  }
  return isWorking;
}
