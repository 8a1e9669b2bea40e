import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { array, assert as holds, asyncProperty, integer, nat, record } from 'fast-check';

import { UNWATCHED_MS } from '../limits.ts';
import { FakeProcess } from './fake-process.ts';
import {
  CREDIT_DEAD_MS,
  CREDIT_HIGH_BYTES,
  INPUT_NOTICE_MS,
  JOIN_MS,
  RING_BYTES,
} from './limits.ts';
import { Terminal, type Watch, type WatchOptions } from './terminal.ts';

const SIZE = { columns: 80, rows: 24 };

/** A page that draws everything at once, or never. */
async function watch(
  terminal: Terminal,
  options: Partial<WatchOptions> & { readonly acks?: boolean } = {},
) {
  const { acks = true, ...others } = options;
  const pieces: { readonly offset: number; readonly data: Buffer }[] = [];
  const heard: unknown[] = [];
  let hold: Watch | undefined;
  hold = await terminal.watch({
    onData: (offset, data) => {
      pieces.push({ offset, data });
      if (acks) queueMicrotask(() => hold?.acknowledge(offset + data.length));
    },
    onExit: (exit) => heard.push(exit),
    onRole: (role) => heard.push(role),
    onNotice: (notice) => heard.push(notice),
    onDead: () => heard.push('dead'),
    ...others,
  });
  hold.start();
  return {
    hold,
    heard,
    pieces,
    text: () => Buffer.concat(pieces.map(({ data }) => data)).toString(),
  };
}

test('Terminal sends a lone piece of output at once, and joins what follows within some milliseconds', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const program = new FakeProcess();
    await using terminal = new Terminal(program, SIZE);
    const page = await watch(terminal);
    for (const text of ['a', 'b', 'c']) program.print(text);
    assert.deepEqual(page.pieces, [{ offset: 0, data: Buffer.from('a') }]);
    mock.timers.tick(JOIN_MS);
    assert.deepEqual(page.pieces.slice(1), [{ offset: 1, data: Buffer.from('bc') }]);
  } finally {
    mock.timers.reset();
  }
});

test('Terminal shows the first page the output as it came, and a later one a snapshot', async () => {
  const program = new FakeProcess();
  await using terminal = new Terminal(program, SIZE);
  program.print('one\r\n\u001B[cgone\r\u001B[K\u001B[31mred');
  const first = await watch(terminal);
  const second = await watch(terminal);
  const { nonce } = first.hold.view;
  assert.deepEqual(first.hold.view, {
    mode: 'resume',
    offset: 24,
    data: Buffer.from('one\r\n\u001B[cgone\r\u001B[K\u001B[31mred'),
    role: 'writer',
    viewer: 1,
    nonce,
    shell: { state: 'unknown' },
    ...SIZE,
  });
  assert.deepEqual(second.hold.view, {
    mode: 'snapshot',
    offset: 24,
    data: 'one\r\n\u001B[31mred\u001B[2;4H',
    role: 'reader',
    viewer: 2,
    nonce,
    shell: { state: 'unknown' },
    ...SIZE,
  });
});

test('Terminal gives a page that comes back exactly what it lacks, wherever it was cut off', async () => {
  await holds(
    asyncProperty(
      array(record({ bytes: integer({ min: 1, max: 9_000 }), cut: nat(9_000) }), { maxLength: 20 }),
      async (rounds) => {
        const program = new FakeProcess();
        await using terminal = new Terminal(program, SIZE);
        let next = 0;
        let got: Buffer = Buffer.alloc(0);
        for (const { bytes, cut } of rounds) {
          const page = await watch(terminal, { have: got.length });
          got = Buffer.concat([got, Buffer.from(page.hold.view.data)]);
          const output = Buffer.alloc(bytes);
          for (let at = 0; at < bytes; at++) output[at] = (next++ * 31) % 251;
          program.print(output);
          // The connection broke somewhere in what was sent.
          const sent = Buffer.concat(page.pieces.map(({ data }) => data));
          got = Buffer.concat([got, sent.subarray(0, cut % (sent.length + 1))]);
          page.hold[Symbol.dispose]();
        }
        const { hold } = await watch(terminal, { have: got.length });
        got = Buffer.concat([got, Buffer.from(hold.view.data)]);
        assert.equal(hold.view.mode, 'resume');
        assert.equal(got.length, next);
        assert.equal(
          got.every((byte, at) => byte === (at * 31) % 251),
          true,
        );
      },
    ),
    { numRuns: 40 },
  );
});

test('Terminal gives a snapshot when the bytes a page lacks are gone, after a flood too', async () => {
  const program = new FakeProcess();
  await using terminal = new Terminal(program, SIZE);
  for (let line = 0; line < 400_000; line++) program.print(`line ${line}\r\n`);
  const page = await watch(terminal, { have: 3 });
  assert.equal(page.hold.view.mode, 'snapshot');
  const shown = String(page.hold.view.data);
  assert.equal(shown.endsWith('\r\nline 399998\r\nline 399999\r\n\u001B[24;1H'), true);
});

test('Terminal holds the program back while its writer does not draw, and goes on when it does', async () => {
  const program = new FakeProcess();
  await using terminal = new Terminal(program, SIZE);
  const page = await watch(terminal, { acks: false });
  const reader = await watch(terminal, { acks: false });
  const piece = Buffer.alloc(64 * 1024, 'x');
  for (let index = 0; index < 5; index++) program.print(piece);
  assert.equal(program.isPaused, true);
  assert.equal(page.text().length, CREDIT_HIGH_BYTES);
  page.hold.acknowledge(CREDIT_HIGH_BYTES);
  assert.equal(program.isPaused, false);
  assert.equal(page.text().length, 5 * piece.length);
  assert.equal(reader.text().length, CREDIT_HIGH_BYTES);
});

test('Terminal never waits for a page that only reads: it is sent what is left when it draws again', async () => {
  const program = new FakeProcess();
  await using terminal = new Terminal(program, SIZE);
  await watch(terminal);
  const reader = await watch(terminal, { acks: false });
  const piece = Buffer.alloc(64 * 1024, 'x');
  for (let index = 0; index < 20; index++) {
    program.print(piece);
    await Promise.resolve();
  }
  reader.hold.acknowledge(CREDIT_HIGH_BYTES);
  assert.equal(program.isPaused, false);
  assert.equal(reader.pieces.at(4)?.offset, 20 * piece.length - RING_BYTES);
});

test('Terminal gives up a page that draws nothing for half a minute while output waits', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const program = new FakeProcess();
    await using terminal = new Terminal(program, SIZE);
    const page = await watch(terminal, { acks: false });
    for (let index = 0; index < 5; index++) program.print(Buffer.alloc(64 * 1024, 'x'));
    mock.timers.tick(CREDIT_DEAD_MS - 1);
    assert.deepEqual(page.heard, []);
    mock.timers.tick(1);
    assert.deepEqual(page.heard, ['dead']);
  } finally {
    mock.timers.reset();
  }
});

test('Terminal reads on while nobody watches, but not faster than a megabyte a second', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const program = new FakeProcess();
    await using terminal = new Terminal(program, SIZE);
    const page = await watch(terminal, { acks: false });
    for (let index = 0; index < 5; index++) program.print(Buffer.alloc(64 * 1024, 'x'));
    assert.equal(program.isPaused, true);
    page.hold[Symbol.dispose]();
    assert.equal(program.isPaused, false);
    for (let index = 0; index < 5; index++) program.print(Buffer.alloc(64 * 1024, 'y'));
    assert.equal(program.isPaused, true);
    mock.timers.tick(UNWATCHED_MS);
    assert.equal(program.isPaused, false);
  } finally {
    mock.timers.reset();
  }
});

test('Terminal takes keys and sizes from one page alone: the first, until it goes or another takes over', async () => {
  const program = new FakeProcess();
  await using terminal = new Terminal(program, SIZE);
  const first = await watch(terminal);
  const second = await watch(terminal);
  second.hold.write('no');
  first.hold.write('first');
  first.hold.resize({ columns: 100, rows: 30 });
  first.hold.resize({ columns: 100, rows: 30 });
  second.hold.resize({ columns: 50, rows: 10 });
  second.hold.take({ columns: 60, rows: 20 });
  first.hold.write('no');
  second.hold.write('second');
  second.hold[Symbol.dispose]();
  first.hold.write('first again');
  assert.deepEqual(program.written, ['first', 'second', 'first again']);
  assert.deepEqual(program.sizes, [
    { columns: 100, rows: 30 },
    { columns: 60, rows: 20 },
  ]);
  assert.deepEqual([first.hold.view.role, second.hold.view.role], ['writer', 'reader']);
  assert.deepEqual([first.heard, second.heard], [['reader', 'writer'], ['writer']]);
});

test('Terminal gives the pen back to a page whose connection broke, unless another has written since', async () => {
  const program = new FakeProcess();
  await using terminal = new Terminal(program, SIZE);
  const writer = await watch(terminal);
  const reader = await watch(terminal);
  writer.hold.write('a');
  // The old connection is not yet known to be dead.
  const returned = await watch(terminal, { have: 0, viewer: writer.hold.view.viewer });
  writer.hold[Symbol.dispose]();
  assert.equal(returned.hold.view.role, 'writer');
  returned.hold[Symbol.dispose]();
  reader.hold.write('b');
  const late = await watch(terminal, { have: 0, viewer: returned.hold.view.viewer });
  assert.equal(late.hold.view.role, 'reader');
  late.hold.write('no');
  assert.deepEqual(program.written, ['a', 'b']);
  assert.deepEqual([writer.heard, reader.heard], [['reader'], ['writer']]);
});

test('Terminal tells of an exit after all output, however slowly a page draws, and to pages that come later', async () => {
  const program = new FakeProcess();
  await using terminal = new Terminal(program, SIZE);
  const page = await watch(terminal, { acks: false });
  for (let index = 0; index < 5; index++) program.print(Buffer.alloc(64 * 1024, 'x'));
  program.end(3);
  assert.deepEqual(page.heard, []);
  page.hold.acknowledge(CREDIT_HIGH_BYTES);
  const late = await watch(terminal);
  assert.deepEqual(
    [page.heard, late.heard],
    [[{ code: 3, reason: 'exit' }], [{ code: 3, reason: 'exit' }]],
  );
  assert.equal(page.text().length, 5 * 64 * 1024);
});

test('Terminal ends its program when it is disposed of, and its pages hear of that', async () => {
  const program = new FakeProcess();
  const terminal = new Terminal(program, SIZE);
  const page = await watch(terminal);
  await terminal[Symbol.asyncDispose]();
  assert.deepEqual([program.isKilled, page.heard], [true, [{ code: 129, reason: 'closed' }]]);
});

test('Terminal tells a page what of its input was lost on a program that does not read', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const program = new FakeProcess();
  await using terminal = new Terminal(program, SIZE);
  const page = await watch(terminal);
  const other = await watch(terminal);
  program.isFull = true;
  page.hold.write('日本');
  page.hold.write('x');
  t.mock.timers.tick(INPUT_NOTICE_MS);
  assert.deepEqual([page.heard, other.heard], [[{ type: 'input', bytes: 7 }], []]);
});
