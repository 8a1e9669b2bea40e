import { setTimeout as delay } from 'node:timers/promises';

import { percentile, type Row } from '../row.ts';
import { BenchTerminal } from './client.ts';
import { echoTimes, FAST_MB_PER_SECOND } from './echo.ts';
import { peerRow } from './peer-rows.ts';
import { eachPeer, type PeerServer, startFile, withPeers } from './peers.ts';
import { cpuMsOf, privateMiBOf } from './server-cost.ts';

const STALL_MS = 6_000;
const DEAF_MS = 3_000;
const DEAF_CHARACTERS = 256_000;
const FIRST_SESSIONS = 10;
const SESSIONS = 100;
const SETTLE_MS = 1_500;
const KEYS = 100;

/** What a server keeps for a page that stops reading while `yes` runs. */
export function measureStall(): Promise<readonly Row[]> {
  return withPeers(async (servers) => {
    const figures = await eachPeer(servers, async (server) => {
      await echoTimes([server], 1);
      const before = await privateMiBOf(server.pid);
      await using client = await startFile('flood-client.ts', [server.peer, String(server.port)]);
      process.kill(client.pid, 'SIGSTOP');
      await delay(STALL_MS);
      return (await privateMiBOf(server.pid)) - before;
    });
    return [peerRow({ id: 'stall', what: 'growth, page stalled for 6 s', unit: 'MiB' }, figures)];
  });
}

/** A learner types 256 KB at a program that never reads: what that takes of the processor, and of others. */
export function measureDeaf(): Promise<readonly Row[]> {
  return withPeers(async (servers) => {
    const figures = await eachPeer(servers, async (server) => {
      using terminal = await BenchTerminal.open(server, FAST_MB_PER_SECOND);
      await terminal.run('sleep 60');
      terminal.type('x'.repeat(DEAF_CHARACTERS));
      await delay(SETTLE_MS);
      const before = await cpuMsOf(server.pid);
      await delay(DEAF_MS);
      const cpu = ((await cpuMsOf(server.pid)) - before) / DEAF_MS;
      return { cpu: cpu * 100, echo: await echoP95(server) };
    });
    const part = (name: 'cpu' | 'echo') =>
      eachPeer(servers, async ({ peer }) => figures[peer]?.[name] ?? Number.NaN);
    return [
      peerRow(
        { id: 'deaf-cpu', what: 'program does not read: processor', unit: '%' },
        await part('cpu'),
      ),
      peerRow(
        { id: 'deaf-echo', what: '… key echo p95 elsewhere', unit: 'ms' },
        await part('echo'),
      ),
    ];
  });
}

/** What a hundred terminals take of the server's memory, and key echo among them. */
export function measureTerminals(): Promise<readonly Row[]> {
  return withPeers(async (servers) => {
    const figures = await eachPeer(servers, async (server) => {
      using stack = new DisposableStack();
      const open = async (count: number) => {
        for (let index = 0; index < count; index++) {
          stack.use(await BenchTerminal.open(server, FAST_MB_PER_SECOND));
        }
        await delay(SETTLE_MS);
        return privateMiBOf(server.pid);
      };
      const before = await open(FIRST_SESSIONS);
      const after = await open(SESSIONS);
      return { memory: ((after - before) * 1_024) / SESSIONS, echo: await echoP95(server) };
    });
    const part = (name: 'memory' | 'echo') =>
      eachPeer(servers, async ({ peer }) => figures[peer]?.[name] ?? Number.NaN);
    return [
      peerRow(
        { id: 'terminals-memory', what: 'memory per terminal, at 100', unit: 'KiB' },
        await part('memory'),
      ),
      peerRow(
        { id: 'terminals-echo', what: 'key echo p95 among 100', unit: 'ms' },
        await part('echo'),
      ),
    ];
  });
}

async function echoP95(server: PeerServer): Promise<number> {
  return percentile((await echoTimes([server], KEYS))[server.peer] ?? [], 0.95);
}
