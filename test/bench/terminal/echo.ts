import { setTimeout as delay } from 'node:timers/promises';

import type { Row } from '../row.ts';
import { BenchTerminal } from './client.ts';
import { percentileRows } from './peer-rows.ts';
import {
  eachPeer,
  type Figures,
  type Peer,
  type PeerServer,
  startFile,
  withPeers,
} from './peers.ts';

const KEYS = 300;
const WARM_UP_KEYS = 50;
/** A person's keys do not follow each other faster than a server may join output. */
const KEY_PAUSE_MS = 6;
const PROMPTS = 20;
/** A page for which drawing is no matter. */
export const FAST_MB_PER_SECOND = 1_000;

/**
 * Key echo alone and while another learner's terminal floods. All servers run at once and are typed at in turn, so that
 * whatever else the machine does meets all; ratios count, absolute figures move with the machine.
 */
export function measureEcho(): Promise<readonly Row[]> {
  return withPeers(async (servers) => {
    const shares = [{ share: 0.5, ratio: 0.6 }, { share: 0.95, ratio: 0.8 }, { share: 0.99 }];
    const idle = await echoTimes(servers, KEYS);
    const flooded = await eachPeer(servers, async (server) => {
      await using _ = await startFile('flood-client.ts', [server.peer, String(server.port)]);
      return (await echoTimes([server], KEYS))[server.peer] ?? [];
    });
    return [
      ...percentileRows({ id: 'echo', what: 'key echo' }, idle, shares),
      ...percentileRows({ id: 'echo-flood', what: 'key echo beside a flood' }, flooded, shares),
    ];
  });
}

/** A page comes and sees its prompt. */
export function measurePrompt(): Promise<readonly Row[]> {
  return withPeers(async (servers) => {
    const times: Record<Peer, number[]> = { own: [], naive: [], wetty: [] };
    // The first of each is a warm-up.
    for (let round = 0; round <= PROMPTS; round++) {
      for (const server of servers) {
        const startMs = performance.now();
        using _ = await BenchTerminal.open(server, FAST_MB_PER_SECOND);
        if (round > 0) times[server.peer].push(performance.now() - startMs);
      }
    }
    const measured = await eachPeer(servers, async ({ peer }) => times[peer]);
    return percentileRows({ id: 'prompt', what: 'connect to prompt' }, measured, [
      { share: 0.5 },
      { share: 0.95 },
    ]);
  });
}

/** Milliseconds from each key to its echo. */
export async function echoTimes(
  servers: readonly PeerServer[],
  keys: number,
): Promise<Figures<readonly number[]>> {
  using stack = new DisposableStack();
  const typists: { terminal: BenchTerminal; times: number[]; peer: Peer }[] = [];
  for (const server of servers) {
    const terminal = stack.use(await BenchTerminal.open(server, FAST_MB_PER_SECOND));
    await terminal.run('cat');
    typists.push({ terminal, times: [], peer: server.peer });
  }
  for (let index = 0; index < WARM_UP_KEYS + keys; index++) {
    for (const { terminal, times } of typists) {
      const time = await echoTime(terminal, String.fromCodePoint(97 + (index % 26)));
      if (index >= WARM_UP_KEYS) times.push(time);
    }
  }
  return Object.fromEntries(typists.map(({ peer, times }) => [peer, times]));
}

async function echoTime(terminal: BenchTerminal, key: string): Promise<number> {
  await delay(KEY_PAUSE_MS);
  const echoed = terminal.until(key);
  const startMs = performance.now();
  terminal.type(key);
  await echoed;
  return performance.now() - startMs;
}
