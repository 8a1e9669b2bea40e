import { isAlreadyExists, isConflict, isNotFound } from '../../client/api-error.ts';

/**
 * Waits for what istiod writes into the cluster of its own accord; never rejects. What has gone, or what somebody else has written in
 * between, is told of by the watch that led to the write, and so tried again; anything else (a namespace that ends, a quota, a
 * policy) is in istiod's log.
 * @param part what writes, for the log: `ingress`
 */
export async function written(
  write: Promise<unknown>,
  part: string,
  log: (line: string) => void,
): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (isNotFound(error) || isConflict(error) || isAlreadyExists(error)) return;
    log(`error\t${part}\t${error instanceof Error ? error.message : String(error)}`);
  }
}
