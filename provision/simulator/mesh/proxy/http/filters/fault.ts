import { type Clock, sleep } from '../../../../clock.ts';
import type { Fault } from '../../../xds/route.ts';
import { aborted, type ProxyAnswer, withFlag } from '../answers.ts';
import type { HttpStream } from '../stream.ts';
import { hits } from '../weights.ts';

/**
 * Envoy's fault filter (https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPFaultInjection): waits, answers
 * in the application's place, both or neither. Comes before everything that the route's own time-out and retries cover.
 */
export async function injectFault(
  stream: HttpStream,
  { delay, abort }: Fault,
  { clock, random }: { readonly clock: Clock; readonly random: () => number },
): Promise<ProxyAnswer | undefined> {
  if (delay && hits(delay.percent, random)) {
    stream.isDelayed = true;
    await sleep(clock, delay.fixedMs, stream.request.signal);
  }
  if (!abort || !hits(abort.percent, random)) return undefined;
  const answer = aborted(abort);
  return stream.isDelayed ? withFlag(answer, 'DI') : answer;
}
