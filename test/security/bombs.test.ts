import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import type { Sandbox, TerminalProcess } from '../../server/sandbox/sandbox.ts';
import { type Boxes, makeBoxes, SIZE, WAIT_MS } from './boxes.ts';

/** In the arguments of each of its processes, and in no other's. */
const BOMB = `bomb_${process.pid}`;
const ATTACK_MS = 2_000;

let boxes: Boxes;

before(async () => {
  boxes = await makeBoxes();
});

after(async () => boxes[Symbol.asyncDispose]());

/** Another learner, who goes on typing: each key must come back, whatever goes on elsewhere. */
class Typist implements AsyncDisposable {
  readonly #process: TerminalProcess;
  readonly echoMs: number[] = [];
  #seen = '';
  #onSeen: () => void = () => undefined;
  #isStopped = false;

  constructor(box: Sandbox) {
    const command = ['/bin/sh', '-c', 'stty raw -echo; echo ready; exec cat'];
    this.#process = box.open(SIZE, { command });
    this.#process.onData((data) => {
      this.#seen += data.toString('latin1');
      this.#onSeen();
    });
  }

  /** Types key after key until told to stop; settles when the last has come back. */
  async type(): Promise<void> {
    await this.#until(/ready\r?\n$/);
    for (let count = 0; !this.#isStopped; count++) {
      const key = String.fromCodePoint(0x61 + (count % 26));
      this.#seen = '';
      const startMs = performance.now();
      this.#process.write(key);
      await this.#until(/./);
      assert.equal(this.#seen, key);
      this.echoMs.push(performance.now() - startMs);
      await delay(10);
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.kill();
  }

  async #until(pattern: RegExp): Promise<void> {
    const found = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => found.reject(new Error(`Nothing came back: ${this.#seen}`)),
      WAIT_MS,
    );
    this.#onSeen = () => {
      if (pattern.test(this.#seen)) found.resolve();
    };
    this.#onSeen();
    await found.promise.finally(() => clearTimeout(timer));
  }
}

/** Attacks from one box while somebody types in another, then uses the attacked box as if nothing had been. */
async function attack(t: TestContext, bomb: () => Promise<void>): Promise<void> {
  await using typist = new Typist(boxes.other);
  const typing = typist.type();
  await Promise.race([bomb(), typing]);
  typist.stop();
  await typing;
  const sorted = typist.echoMs.toSorted((one, other) => one - other);
  const p95 = sorted[Math.floor(sorted.length * 0.95)] ?? 0;
  t.diagnostic(
    `the neighbour's ${sorted.length} keys: p95 ${p95.toFixed(1)} ms, worst ${sorted.at(-1)?.toFixed(1)} ms`,
  );
  const { stdout } = await boxes.box.run({ command: ['echo', 'alive'], timeoutMs: WAIT_MS });
  assert.equal(stdout, 'alive\n');
}

/** Processes of the bomb, on the whole machine. */
function bombCount(): number {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(BOMB);
    } catch {
      return false;
    }
  }).length;
}

/** Runs something on a terminal of the attacker for a while, then closes that. */
async function onTerminal(command: string): Promise<number> {
  const program = boxes.box.open(SIZE, { command: ['/bin/bash', '-c', command] });
  let bytes = 0;
  program.onData((data) => {
    bytes += data.length;
  });
  await delay(ATTACK_MS);
  await program.kill();
  return bytes;
}

async function output(command: string): Promise<string> {
  const run = { command: ['/bin/bash', '-c', command], timeoutMs: WAIT_MS };
  return (await boxes.box.run(run)).stdout;
}

test('a fork bomb fills its own box, and is gone with its terminal', async (t) => {
  await attack(t, async () => {
    await onTerminal(`${BOMB}() { ${BOMB} | ${BOMB} & }; ${BOMB}; sleep 100`);
  });
  assert.equal(bombCount(), 0);
});

const holdsMemory = () => boxes.factory.limits.some((limit) => limit.includes('MiB of memory'));

test('a memory bomb is killed inside its box; terminals beside it live on', async (t) => {
  if (!holdsMemory()) {
    t.skip(
      'NOT RUN: this machine lets the server make no control group, so that nothing limits memory',
    );
    return;
  }
  await using beside = new Typist(boxes.box);
  const typing = beside.type();
  await attack(t, async () => {
    const command = ['perl', '-e', 'push @all, "x" x 10_000_000 while 1'];
    const { code } = await boxes.box.run({ command, timeoutMs: WAIT_MS });
    assert.equal(code, 137);
  });
  beside.stop();
  await typing;
});

test('a full disk is full in its own box, by bytes and by files, in /dev/shm as well', async (t) => {
  await attack(t, async () => {
    const fill =
      'head -c 1G /dev/zero > /dev/shm/big; echo x 2>/dev/null > ~/y || echo full; rm /dev/shm/big';
    assert.equal(await output(`${fill}; echo x > ~/y && echo free`), 'full\nfree\n');
    const files =
      'mkdir /tmp/many; cd /tmp/many; perl -e \'for (1..40000) { open(F, ">$_") or last; close F; print "" } print $_ // ""\'';
    await output(files);
    assert.equal(
      await output(
        'echo x 2>/dev/null > /run/z || echo full; rm -r /tmp/many; echo x > /run/z && echo free',
      ),
      'full\nfree\n',
    );
  });
});

test('eight busy loops leave the processor to others', async (t) => {
  await attack(t, async () => {
    await onTerminal('for i in 1 2 3 4 5 6 7 8; do while :; do :; done & done; wait');
  });
});

test('endless output is endless for nobody else', async (t) => {
  await attack(t, async () => {
    assert.ok((await onTerminal('exec yes')) > 0);
  });
});
