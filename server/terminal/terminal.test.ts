import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { TerminalSize } from '#protocol';

import type { TerminalProcess } from '../sandbox/sandbox.ts';
import { CREDIT_HIGH_BYTES } from './limits.ts';
import { Terminal, type Watch } from './terminal.ts';

const SIZE = { columns: 80, rows: 24 };

/** A program that prints what the test says. */
class FakeProcess implements TerminalProcess {
  readonly written: string[] = [];
  readonly sizes: TerminalSize[] = [];
  isPaused = false;
  #onData: (data: Buffer) => void = () => undefined;
  #onExit: (exit: { readonly code: number }) => void = () => undefined;

  print(text: string | Buffer): void {
    this.#onData(Buffer.from(text));
  }
  end(code: number): void {
    this.#onExit({ code });
  }
  onData(listener: (data: Buffer) => void): void {
    this.#onData = listener;
  }
  onExit(listener: (exit: { readonly code: number }) => void): void {
    this.#onExit = listener;
  }
  write(data: string | Uint8Array): void {
    this.written.push(Buffer.from(data).toString());
  }
  resize(size: TerminalSize): void {
    this.sizes.push(size);
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  async kill(): Promise<void> {}
}

/** A page that draws everything at once, or never. */
async function watch(
  terminal: Terminal,
  options: { readonly have?: number; readonly acks?: boolean } = {},
) {
  const received: Buffer[] = [];
  const exits: unknown[] = [];
  let hold: Watch | undefined;
  hold = await terminal.watch({
    ...(options.have !== undefined && { have: options.have }),
    onData: (offset, data) => {
      received.push(data);
      if (options.acks !== false) queueMicrotask(() => hold?.acknowledge(offset + data.length));
    },
    onExit: (exit) => exits.push(exit),
  });
  return { hold, exits, text: () => Buffer.concat(received).toString() };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('Terminal sends a lone piece of output at once', async () => {
  const program = new FakeProcess();
  await using terminal = new Terminal(program, SIZE);
  const page = await watch(terminal);
  program.print('hello');
  assert.equal(page.text(), 'hello');
});

test('Terminal resumes at the byte where a page left off', async () => {
  const program = new FakeProcess();
  await using terminal = new Terminal(program, SIZE);
  program.print('0123456789');
  const page = await watch(terminal, { have: 4 });
  assert.deepEqual(page.hold.view, {
    mode: 'resume',
    offset: 10,
    data: Buffer.from('456789'),
    ...SIZE,
  });
});

test('Terminal gives a fresh page a snapshot of the screen and its offset', async () => {
  const program = new FakeProcess();
  await using terminal = new Terminal(program, SIZE);
  program.print('one\r\ntwo\r\n\u001B[31mred');
  const page = await watch(terminal);
  assert.deepEqual(page.hold.view, {
    mode: 'snapshot',
    offset: 18,
    data: 'one\r\ntwo\r\n\u001B[31mred',
    ...SIZE,
  });
});

test('Terminal gives a snapshot when the bytes a page lacks are gone', async () => {
  const program = new FakeProcess();
  await using terminal = new Terminal(program, SIZE);
  for (let line = 0; line < 40_000; line++) program.print(`line ${line}\r\n`);
  const page = await watch(terminal, { have: 3 });
  assert.equal(page.hold.view.mode, 'snapshot');
  assert.match(String(page.hold.view.data), /line 39999\r\n$/);
});

test('Terminal holds the program back while its writer does not draw, and goes on when it does', async () => {
  const program = new FakeProcess();
  await using terminal = new Terminal(program, SIZE);
  const page = await watch(terminal, { acks: false });
  const piece = Buffer.alloc(32 * 1024, 'x');
  for (let index = 0; index < 12 && !program.isPaused; index++) {
    program.print(piece);
    await new Promise((resolve) => setTimeout(resolve, 6));
  }
  assert.equal(program.isPaused, true);
  assert.equal(page.text().length, CREDIT_HIGH_BYTES);
  page.hold.acknowledge(CREDIT_HIGH_BYTES);
  assert.equal(program.isPaused, false);
});

test('Terminal reads on while nobody watches', async () => {
  const program = new FakeProcess();
  await using terminal = new Terminal(program, SIZE);
  const page = await watch(terminal, { acks: false });
  page.hold[Symbol.dispose]();
  program.print(Buffer.alloc(1024 * 1024, 'y'));
  assert.equal(program.isPaused, false);
});

test('Terminal takes keys and sizes from the page that came first alone, and gives the pen on', async () => {
  const program = new FakeProcess();
  await using terminal = new Terminal(program, SIZE);
  const first = await watch(terminal);
  const second = await watch(terminal);
  second.hold.write('no');
  first.hold.write('yes');
  first.hold.resize({ columns: 100, rows: 30 });
  second.hold.resize({ columns: 50, rows: 10 });
  first.hold[Symbol.dispose]();
  second.hold.write('now');
  assert.deepEqual(program.written, ['yes', 'now']);
  assert.deepEqual(program.sizes, [{ columns: 100, rows: 30 }]);
});

test('Terminal tells of an exit after the last output, also to pages that come later', async () => {
  const program = new FakeProcess();
  await using terminal = new Terminal(program, SIZE);
  const page = await watch(terminal);
  program.end(3);
  await settle();
  const late = await watch(terminal);
  assert.deepEqual([page.exits, late.exits], [[{ code: 3 }], [{ code: 3 }]]);
});
