import type { ContainerContext, RunningProgram } from './program.ts';

/** A program that only waits until it is stopped, and then ends what it owns. */
export function idle(owned?: Disposable): RunningProgram {
  return { exited: new Promise(() => undefined), stop: () => owned?.[Symbol.dispose]() };
}

/** A program that ends by itself after a time; `Infinity` never. */
export function endsAfter({ clock }: ContainerContext, delayMs: number): RunningProgram {
  if (delayMs === Infinity) return idle();
  const { promise, resolve } = Promise.withResolvers<number>();
  const timer = clock.after(delayMs, () => resolve(0));
  return { exited: promise, stop: () => timer[Symbol.dispose]() };
}
