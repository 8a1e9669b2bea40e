import { NetworkError } from '../../../net/network.ts';

/** Waits for the work as long as its caller does; rejects with ECONNRESET when the caller goes away first. */
export function whileWanted<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (!signal) return work;
  const { promise: gone, reject } = Promise.withResolvers<never>();
  const leave = () => reject(new NetworkError('ECONNRESET', 'The caller has gone away'));
  if (signal.aborted) leave();
  else signal.addEventListener('abort', leave, { once: true });
  return Promise.race([work, gone]).finally(() => signal.removeEventListener('abort', leave));
}
