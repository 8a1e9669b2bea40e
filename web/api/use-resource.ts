import { useCallback, useEffect, useState } from 'react';

import { asProblem, type ProblemError } from './http.ts';

export type Resource<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly value: T }
  | { readonly state: 'failed'; readonly error: ProblemError };

/**
 * Loads, and loads again when `load` changes (memoise it). What was there stays on the screen until the new value
 * is here, so that switching the language blanks nothing.
 */
export function useResource<T>(
  load: (signal: AbortSignal) => Promise<T>,
): readonly [Resource<T>, () => void] {
  const [resource, setResource] = useState<Resource<T>>({ state: 'loading' });
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const run = async () => {
      const outcome = await outcomeOf(load, signal);
      if (!signal.aborted) setResource(outcome);
    };
    void run();
    return () => controller.abort();
  }, [load, attempt]);

  const reload = useCallback(() => {
    setResource({ state: 'loading' });
    setAttempt((count) => count + 1);
  }, []);
  return [resource, reload];
}

async function outcomeOf<T>(
  load: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<Resource<T>> {
  try {
    return { state: 'ready', value: await load(signal) };
  } catch (error) {
    return { state: 'failed', error: asProblem(error) };
  }
}
