import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { percentile, type Row } from '../row.ts';
import { BenchTerminal, type Peer } from './client.ts';

const KEYS = 300;
const WARM_UP_KEYS = 50;
/** A person's keys do not follow each other faster than a server may join output. */
const KEY_PAUSE_MS = 6;
const FLOOD_MS = 3_000;
/** What a page draws on a slow laptop, and one for which drawing is no matter. */
const SLOW_MB_PER_SECOND = 5;
const FAST_MB_PER_SECOND = 1_000;
const NO_FLOW_CONTROL_LIMIT_MS = 60_000;

/** Milliseconds from each key to its echo. */
type EchoTimes = Readonly<Record<Peer, readonly number[]>>;

/**
 * Our terminal against one without flow control: key echo alone and while another learner's terminal floods, and ^C to the
 * prompt on a page that draws slowly. Both servers run at once and are typed at in turn, so that whatever else the machine
 * does meets both; ratios count, absolute figures move with the machine.
 */
export async function measureTerminal(): Promise<readonly Row[]> {
  await using naive = await startServer('naive');
  await using own = await startServer('own');
  const ports = { naive: portOf(naive.first), own: portOf(own.first) };
  const idle = await echoTimes(ports);
  const flooded = await floodedTimes(ports);
  return [
    echoRow('echo-p50', 'key echo p50', idle, { share: 0.5, ratio: 0.6 }),
    echoRow('echo-p95', 'key echo p95', idle, { share: 0.95, ratio: 0.8 }),
    echoRow('echo-flood-p50', 'key echo p50 beside a flood', flooded, { share: 0.5, ratio: 0.6 }),
    echoRow('echo-flood-p95', 'key echo p95 beside a flood', flooded, { share: 0.95, ratio: 0.8 }),
    {
      id: 'interrupt',
      what: '^C to prompt while `yes` runs',
      unit: 'ms',
      value: await interruptTime('own', ports.own),
      peer: { name: 'naive', value: await interruptTime('naive', ports.naive) },
      goal: { atMost: 50 },
    },
  ];
}

function echoRow(
  id: string,
  what: string,
  times: EchoTimes,
  { share, ratio }: { readonly share: number; readonly ratio: number },
): Row {
  const peer = { name: 'naive', value: percentile(times.naive, share) };
  const atMost = Number((peer.value * ratio).toFixed(2));
  return { id, what, unit: 'ms', value: percentile(times.own, share), peer, goal: { atMost } };
}

async function floodedTimes(ports: Readonly<Record<Peer, number>>): Promise<EchoTimes> {
  // One after the other: two floods at once would leave no processor for the keys.
  const flooded = async (peer: Peer) => {
    await using _ = await start('flood-client.ts', [peer, String(ports[peer])]);
    return (await echoTimes({ [peer]: ports[peer] }))[peer];
  };
  return { naive: await flooded('naive'), own: await flooded('own') };
}

async function echoTimes(ports: Partial<Record<Peer, number>>): Promise<EchoTimes> {
  const times: Record<Peer, number[]> = { naive: [], own: [] };
  using stack = new DisposableStack();
  const terminals: (readonly [Peer, BenchTerminal])[] = [];
  for (const peer of ['naive', 'own'] as const) {
    const port = ports[peer];
    if (port === undefined) continue;
    const terminal = stack.use(await BenchTerminal.open(peer, port, FAST_MB_PER_SECOND));
    const ready = terminal.until('ready');
    terminal.type("stty raw -echo; echo rea''dy; exec cat\r");
    await ready;
    terminals.push([peer, terminal]);
  }
  for (let index = 0; index < WARM_UP_KEYS + KEYS; index++) {
    for (const [peer, terminal] of terminals) {
      const time = await echoTime(terminal, String.fromCodePoint(97 + (index % 26)));
      if (index >= WARM_UP_KEYS) times[peer].push(time);
    }
  }
  return times;
}

async function echoTime(terminal: BenchTerminal, key: string): Promise<number> {
  await delay(KEY_PAUSE_MS);
  const echoed = terminal.until(key);
  const startMs = performance.now();
  terminal.type(key);
  await echoed;
  return performance.now() - startMs;
}

async function interruptTime(peer: Peer, port: number): Promise<number> {
  using terminal = await BenchTerminal.open(peer, port, SLOW_MB_PER_SECOND);
  terminal.type('yes\r');
  await delay(FLOOD_MS);
  const prompt = terminal.until('$ ').then(() => performance.now());
  const startMs = performance.now();
  terminal.type('\u0003');
  const gaveUp = delay(NO_FLOW_CONTROL_LIMIT_MS, Number.POSITIVE_INFINITY, { ref: false });
  return (await Promise.race([prompt, gaveUp])) - startMs;
}

function startServer(peer: Peer): Promise<Started> {
  return start(`${peer}-server.ts`, []);
}

interface Started extends AsyncDisposable {
  /** The first message of the process: it is ready. */
  readonly first: unknown;
}

async function start(file: string, args: readonly string[]): Promise<Started> {
  const child: ChildProcess = fork(fileURLToPath(new URL(file, import.meta.url)), args);
  const [first] = await once(child, 'message');
  return {
    first,
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.disconnect();
      // A server that floods may hear of it late.
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function portOf(message: unknown): number {
  const isPort = typeof message === 'object' && message !== null && 'port' in message;
  return isPort ? Number(message.port) : 0;
}
