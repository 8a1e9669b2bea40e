import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { temporaryFolder } from '../product/temporary-folder.ts';
import { percentile, type Row } from '../row.ts';
import { BenchTerminal } from './client.ts';
import { FAST_MB_PER_SECOND } from './echo.ts';
import { peerRow } from './peer-rows.ts';
import { eachPeer, type Peer, type PeerServer, withPeers } from './peers.ts';

const OUTPUT_BYTES = 50_000_000;
const PASTE_CHARACTERS = 256_000;
const PASTE_LIMIT_MS = 10_000;
const ROUNDS = 3;
const FLOOD_MS = 3_000;
/** What a page draws on a slow laptop. */
const SLOW_MB_PER_SECOND = 10;
const NO_FLOW_CONTROL_LIMIT_MS = 30_000;
const MARKER = Buffer.from('ready\n');

/** 50 MB of text with CJK, emoji and colours through a raw terminal, counted and hashed. */
export function measureThroughput(): Promise<readonly Row[]> {
  return withPeers(async (servers) => {
    await using temporary = await temporaryFolder();
    const file = path.join(temporary.folder, 'output');
    const output = outputOf(OUTPUT_BYTES);
    await writeFile(file, output);
    const right = createHash('sha256').update(output).digest('hex');
    const figures = await rounds(servers, async (server) => {
      using terminal = await BenchTerminal.open(server, FAST_MB_PER_SECOND);
      const startMs = performance.now();
      const hash = await hashOf(terminal, file, output.length);
      if (hash !== right) throw new Error(`${server.peer} changed the output on its way`);
      return output.length / 1_000 / (performance.now() - startMs);
    });
    return [peerRow({ id: 'throughput', what: 'output, hash right', unit: 'MB/s' }, figures)];
  });
}

/** 256 KB pasted into a file, which must come out whole. */
export function measurePaste(): Promise<readonly Row[]> {
  return withPeers(async (servers) => {
    const line = `${'paste '.repeat(12)}\n`;
    const text = line.repeat(Math.ceil(PASTE_CHARACTERS / line.length));
    const right = createHash('sha256').update(text).digest('hex');
    const figures = await rounds(servers, async (server) => {
      using terminal = await BenchTerminal.open(server, FAST_MB_PER_SECOND);
      const ready = terminal.until('ready');
      terminal.type("stty -echo; echo rea''dy; sha256sum; exec cat\r");
      await ready;
      const isWhole = terminal.until(right).then(() => true);
      const startMs = performance.now();
      terminal.type(text);
      terminal.type('\u0004');
      const gaveUp = delay(PASTE_LIMIT_MS, false, { ref: false });
      if (!(await Promise.race([isWhole, gaveUp]))) {
        throw new Error(`${server.peer} changed the paste on its way`);
      }
      return performance.now() - startMs;
    });
    return [peerRow({ id: 'paste', what: 'paste of 256 KB', unit: 'ms' }, figures)];
  });
}

/** ^C to the prompt after some seconds of `yes`, on a page that draws slowly. */
export function measureInterrupt(): Promise<readonly Row[]> {
  return withPeers(async (servers) => {
    const head = { id: 'interrupt', what: '^C to prompt while `yes` runs', unit: 'ms' } as const;
    const figures = await eachPeer(servers, async (server) => {
      using terminal = await BenchTerminal.open(server, SLOW_MB_PER_SECOND);
      terminal.type('yes\r');
      await delay(FLOOD_MS);
      const prompt = terminal.until('$ ').then(() => performance.now());
      const startMs = performance.now();
      terminal.type('\u0003');
      const gaveUp = delay(NO_FLOW_CONTROL_LIMIT_MS, Number.POSITIVE_INFINITY, { ref: false });
      return (await Promise.race([prompt, gaveUp])) - startMs;
    });
    return [peerRow({ ...head, goal: { atMost: 50 } }, figures)];
  });
}

/** The middle of some rounds, in which the servers take turns. */
async function rounds(
  servers: readonly PeerServer[],
  measure: (server: PeerServer) => Promise<number>,
) {
  const values: Record<Peer, number[]> = { own: [], naive: [], wetty: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const server of servers) values[server.peer].push(await measure(server));
  }
  return eachPeer(servers, async ({ peer }) => percentile(values[peer], 0.5));
}

function outputOf(bytes: number): Buffer {
  const line = Buffer.from(
    '\u001B[32mready\u001B[0m 1/1 流量管理 🚢 réplicas: istio-ingressgateway\r\n',
  );
  return Buffer.alloc(Math.floor(bytes / line.length) * line.length, line);
}

function hashOf(terminal: BenchTerminal, file: string, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  let before: Buffer | undefined = Buffer.alloc(0);
  let left = bytes;
  return new Promise((resolve) => {
    terminal.watch((data) => {
      let output = data;
      if (before) {
        before = Buffer.concat([before, data]);
        const from = before.indexOf(MARKER);
        if (from === -1) return;
        output = before.subarray(from + MARKER.length);
        before = undefined;
      }
      hash.update(output.subarray(0, left));
      left -= output.length;
      if (left > 0) return;
      terminal.watch(() => undefined);
      resolve(hash.digest('hex'));
    });
    terminal.type(`stty raw -echo; echo rea''dy; exec cat ${file}\r`);
  });
}
