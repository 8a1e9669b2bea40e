import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import type { ShellMark } from '#protocol';

import { CommandQueue } from './command-queue.ts';
import type { CommandState, ShellCommand } from './command-queue.ts';

const CLEAR = '\u0005\u0015';
const READY: ShellMark = { type: 'ready' };
const STARTED: ShellMark = { type: 'started' };
const ended = (exitStatus: number): ShellMark => ({ type: 'ended', exitStatus });

/** A shell that notes what is typed, and a queue before it. */
function newQueue({ isLive = true }: { readonly isLive?: boolean } = {}) {
  const typed: string[] = [];
  const shell = {
    isLive,
    isBracketed: true,
    type: (text: string) => void typed.push(text),
    onChange: () => undefined,
  };
  const queue = new CommandQueue(shell);
  const click = (text: string, options: Partial<ShellCommand> = {}): string[] => {
    const states: string[] = [];
    const note = (state: CommandState) =>
      states.push(state.type === 'failed' ? `failed ${state.exitStatus}` : state.type);
    queue.add({ text, hasNewline: true, isInterrupting: false, ...options }, note);
    return states;
  };
  const marks = (...all: readonly ShellMark[]) => all.forEach((mark) => queue.marked(mark));
  return { queue, typed, shell, click, marks };
}

test('commands are typed one after the other, each at a free prompt, and told how they ended', () => {
  const { typed, click, marks } = newQueue();
  const [first, second] = [click('one'), click('two')];
  assert.deepEqual(typed, []);
  marks(READY);
  assert.deepEqual(typed, [CLEAR, 'one\r']);
  // A line that is drawn anew is no new prompt.
  marks(READY, STARTED, ended(0));
  assert.deepEqual([first, second], [['waiting', 'running'], ['waiting']]);
  marks(READY);
  assert.deepEqual(typed, [CLEAR, 'one\r', CLEAR, 'two\r']);
  marks(STARTED, ended(3), READY);
  assert.deepEqual(first, ['waiting', 'running', 'done']);
  assert.deepEqual(second, ['waiting', 'running', 'failed 3']);
});

test('a block of several lines goes in brackets, and ends with its last command', () => {
  const { typed, click, marks } = newQueue();
  marks(READY);
  const states = click('cat <<EOF\n\tone\nEOF\nfalse');
  assert.deepEqual(typed, [CLEAR, '\u001B[200~cat <<EOF\r\tone\rEOF\rfalse\u001B[201~\r']);
  marks(STARTED, STARTED, ended(1), READY);
  assert.deepEqual(states, ['waiting', 'running', 'failed 1']);
});

test('a command waits while a program runs, until that ends, is stopped or is typed into', () => {
  const { queue, typed, click, marks } = newQueue();
  marks(READY, STARTED);
  const states = ['one', 'two', 'three'].map((text) => click(text));
  assert.deepEqual([queue.isHeldUp, typed], [true, []]);
  queue.typeAnyway();
  assert.deepEqual(typed, ['one\r']);
  queue.interrupt();
  queue.interrupt();
  assert.deepEqual([queue.isHeldUp, typed], [false, ['one\r', '\u0003']]);
  marks(ended(130), READY);
  assert.deepEqual(typed, ['one\r', '\u0003', CLEAR, 'two\r']);
  marks(STARTED);
  queue.drop();
  assert.deepEqual(states, [
    ['waiting', 'typed'],
    ['waiting', 'running'],
    ['waiting', 'dropped'],
  ]);
});

test('a command that interrupts presses Ctrl+C when something runs, and only then', () => {
  const { typed, click, marks } = newQueue();
  marks(READY);
  click('free', { isInterrupting: true });
  marks(STARTED, ended(0), READY, STARTED);
  click('busy', { isInterrupting: true });
  marks(ended(130), READY);
  assert.deepEqual(typed, [CLEAR, 'free\r', '\u0003', CLEAR, 'busy\r']);
});

test('a command without a newline is put on the line for the learner to finish', () => {
  const { typed, click, marks } = newQueue();
  marks(READY);
  assert.deepEqual(click('kubectl get', { hasNewline: false }), ['waiting', 'typed']);
  assert.deepEqual(typed, [CLEAR, 'kubectl get']);
});

test('a shell that says nothing of itself is typed into after a while, interrupted first where that is asked for', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const { typed, click } = newQueue();
    const states = click('one');
    click('two', { isInterrupting: true });
    assert.deepEqual(typed, []);
    mock.timers.runAll();
    assert.deepEqual(typed, ['one\r', '\u0003']);
    mock.timers.runAll();
    assert.deepEqual(typed, ['one\r', '\u0003', 'two\r']);
    assert.deepEqual(states, ['waiting', 'typed']);
  } finally {
    mock.timers.reset();
  }
});

test('without a connection nothing is typed; what was missed meanwhile is known from the server', () => {
  const { queue, shell, typed, click, marks } = newQueue();
  marks(READY);
  const running = click('one');
  marks(STARTED);
  shell.isLive = false;
  const waiting = click('two');
  queue.known({ state: 'free', exitStatus: 4 });
  assert.deepEqual([running, waiting], [['waiting', 'running', 'failed 4'], ['waiting']]);
  shell.isLive = true;
  queue.next();
  assert.deepEqual(typed, [CLEAR, 'one\r', CLEAR, 'two\r']);
});

test('a command that may have been lost with the connection is not called done', () => {
  const { queue, click, marks } = newQueue();
  marks(STARTED, ended(0), READY);
  const states = click('one');
  queue.known({ state: 'free', exitStatus: 0 });
  assert.deepEqual(states, ['waiting', 'running', 'typed']);
});

test('a shell that ends takes what waits and what runs with it', () => {
  const { queue, typed, click, marks } = newQueue();
  marks(READY);
  const [first, second] = [click('one'), click('two')];
  queue.reset();
  marks(READY);
  assert.deepEqual(
    [first, second],
    [
      ['waiting', 'running', 'dropped'],
      ['waiting', 'dropped'],
    ],
  );
  assert.deepEqual(typed, [CLEAR, 'one\r']);
});
