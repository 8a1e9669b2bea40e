import { AsyncLocalStorage } from 'node:async_hooks';

/** Whose work runs: what it starts (timers, sockets, promises) carries the number on. */
const working = new AsyncLocalStorage<number>();

/** Does work for a cluster; errors that nobody catches, then or later, are told as that cluster's. */
export function workFor<T>(cluster: number, work: () => T): T {
  return working.run(cluster, work);
}

/** Keeps the process alive when an error comes up that nobody caught, and tells in whose work; undefined when unknown. */
export function containErrors(tell: (error: unknown, cluster: number | undefined) => void): void {
  process.on('uncaughtException', (error) => tell(error, working.getStore()));
  process.on('unhandledRejection', (error) => tell(error, working.getStore()));
}
