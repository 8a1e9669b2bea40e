import type { Clock } from '../../../clock.ts';
import { sleep } from '../../../clock.ts';
import type { LifecycleHandler } from '../../../kinds/types/core.ts';
import { type HandlerSubject, runHandler } from './handlers.ts';

/**
 * Runs a hook of a container's life (Kubernetes documentation, "Container Lifecycle Hooks").
 * Undefined when it went well, else what stood in the way.
 */
export async function runHook(
  hook: LifecycleHandler,
  subject: HandlerSubject & { readonly clock: Clock },
  signal: AbortSignal,
): Promise<string | undefined> {
  if (hook.sleep) {
    await sleep(subject.clock, hook.sleep.seconds * 1_000, signal);
    return undefined;
  }
  try {
    return await runHandler(hook, subject, signal);
  } catch (error) {
    // Whatever else goes wrong, such as a command that is not there, is a hook that has failed.
    if (signal.aborted || !(error instanceof Error)) throw error;
    return error.message;
  }
}
