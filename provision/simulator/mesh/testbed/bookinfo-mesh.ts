import type { NewObject } from '../../client/client.ts';
import { FakeClock } from '../../fake-clock.ts';
import { BOOKINFO_GATEWAY, GATEWAY_IP, plainClient, startMesh } from './mesh.ts';
import { seededRandom } from './seeded-random.ts';

/** Where Bookinfo's page is reached from outside. */
export const GATEWAY = `http://${GATEWAY_IP}`;
/** Until istiod is up and every proxy has heard from it. */
const START_MS = 2_500;
/** A change is in force this much later. */
const CHANGE_MS = 100;
/** Longest wait for one answer, in steps. */
const STEP_MS = 100;
const STEPS_LIMIT = 300;

/** Bookinfo behind its gateway, asked by a client without a sidecar, with time standing still. */
export async function meshWithBookinfo(options: { readonly accessLogFile?: string } = {}) {
  const clock = new FakeClock();
  const testbed = startMesh({ clock, random: seededRandom(), ...options });
  const client = plainClient(testbed);
  for (const object of BOOKINFO_GATEWAY) testbed.tables.put(object);
  await clock.advance(START_MS);
  const get = (url: string, headers = {}) => testbed.get(client, url, headers);
  return {
    testbed,
    clock,
    client,
    get,
    /** Writes objects and waits until they are in force. */
    change: async (...objects: readonly NewObject[]) => {
      for (const object of objects) testbed.tables.put(object);
      await clock.advance(CHANGE_MS);
    },
    /** Waits as long as the answer takes, by the mesh's own clock. */
    timed: async (url: string, headers = {}) => {
      const startMs = clock.now();
      const ended: number[] = [];
      const answer = get(url, headers).finally(() => ended.push(clock.now()));
      for (let step = 0; ended.length === 0 && step < STEPS_LIMIT; step++) {
        await clock.advance(STEP_MS);
      }
      return { response: await answer, tookMs: (ended[0] ?? 0) - startMs };
    },
  };
}
