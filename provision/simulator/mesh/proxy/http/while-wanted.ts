import { NetworkError } from '../../../net/network.ts';

/** Waits for the work as long as its caller does; rejects with ECONNRESET when the caller goes away first. */
export function whileWanted<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (!signal) return work;
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const leave = () => reject(new NetworkError('ECONNRESET', 'The caller has gone away'));
  if (signal.aborted) leave();
  else signal.addEventListener('abort', leave, { once: true });
  // Every request of a program with a time-out passes here, once for each proxy: a race would take several promises more.
  const ended =
    <V>(settle: (value: V) => void) =>
    (value: V) => {
      signal.removeEventListener('abort', leave);
      settle(value);
    };
  void work.then(ended(resolve), ended(reject));
  return promise;
}
