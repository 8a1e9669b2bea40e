import { useCallback, useRef, useState } from 'react';

import type { SessionView } from '#protocol';

import { postJson, ProblemError } from '../api/http.ts';
import { type Resource, useResource } from '../api/use-resource.ts';
import { useLocale } from '../language/use-locale.ts';

/** The server is full: where we stand in line, when it has one for us. */
export interface Waiting {
  readonly place: number | undefined;
}

/** The learner's session in a lab. On a full server it asks again and again, which keeps the place in line. */
export function useSession(lab: string): {
  readonly session: Resource<SessionView>;
  readonly waiting: Waiting | undefined;
  readonly reload: () => void;
} {
  const locale = useLocale();
  // Another language is no other session; the first one tells the shell what to speak.
  const first = useRef(locale);
  const [waiting, setWaiting] = useState<Waiting>();
  const load = useCallback(
    async (signal: AbortSignal): Promise<SessionView> => {
      for (;;) {
        try {
          const address = `/api/sessions?locale=${first.current}`;
          const session = await postJson<SessionView>(address, { lab }, signal);
          setWaiting(undefined);
          return session;
        } catch (error) {
          const seconds = waitingSeconds(error);
          if (seconds === undefined) {
            setWaiting(undefined);
            throw error;
          }
          setWaiting({ place: error instanceof ProblemError ? error.problem.place : undefined });
          await pause(seconds * 1_000, signal);
        }
      }
    },
    [lab],
  );
  const [session, reload] = useResource(load);
  return { session, waiting, reload };
}

function waitingSeconds(error: unknown): number | undefined {
  if (!(error instanceof ProblemError) || error.problem.code !== 'server-full') return undefined;
  return error.problem.retryAfterSeconds;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', giveUp);
      resolve();
    }, ms);
    signal.addEventListener('abort', giveUp);
  });
}
