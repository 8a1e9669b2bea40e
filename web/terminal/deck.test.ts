import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Deck } from './deck.ts';
import type { TerminalLink } from './link.ts';

/** A server that is never there: what the deck asks of it is written down. */
function link(asked: string[]): TerminalLink {
  const offline = { ok: false, problem: { code: 'offline', message: '' } } as const;
  return {
    isOnline: false,
    open: async () => {
      asked.push('open');
      return offline;
    },
    attach: async () => offline,
    input: () => undefined,
    resize: () => undefined,
    take: () => undefined,
    acknowledge: () => undefined,
    close: (terminal) => asked.push(`close ${terminal}`),
    view: () => () => undefined,
  };
}

function shells(deck: Deck) {
  return deck.state().slots.map(({ shell }) => shell.terminal);
}

const COMMAND = { type: 'exec', text: 'ls', hasNewline: true, isInterrupting: false } as const;

test('a deck takes up the shells that the server has, once, and opens a first one when it has none', () => {
  const full = new Deck(link([]));
  full.joined([
    { id: 'a', title: '' },
    { id: 'b', title: '' },
  ]);
  full.opened({ id: 'b', title: '' });
  full.joined([
    { id: 'b', title: '' },
    { id: 'a', title: '' },
  ]);
  assert.deepEqual(shells(full), ['a', 'b']);
  assert.equal(full.state().selected, full.state().slots[0]?.key);

  const empty = new Deck(link([]));
  empty.joined([]);
  assert.deepEqual(shells(empty), [undefined]);
});

test('a command for terminal 3 opens what is missing and brings it to the front; one for terminal 99 does not', () => {
  const deck = new Deck(link([]));
  deck.joined([{ id: 'a', title: '' }]);
  const slot = deck.run({ ...COMMAND, terminal: 3 });
  assert.deepEqual(shells(deck), ['a', undefined, undefined]);
  assert.equal(deck.state().selected, slot?.key);
  assert.equal(deck.run({ ...COMMAND, terminal: 99 }), undefined);
});

test('a command without a number goes to the terminal last in front, also while a web page is shown', () => {
  const deck = new Deck(link([]));
  deck.joined([
    { id: 'a', title: '' },
    { id: 'b', title: '' },
  ]);
  const second = deck.state().slots[1];
  deck.select(second?.key ?? '');
  deck.select('web-kiali');
  assert.equal(deck.run(COMMAND), second);
  assert.equal(deck.state().selected, second?.key);
});

test('closing the terminal in front ends its shell and shows the neighbour', () => {
  const asked: string[] = [];
  const deck = new Deck(link(asked));
  deck.joined([
    { id: 'a', title: '' },
    { id: 'b', title: '' },
  ]);
  deck.close(deck.state().selected);
  assert.deepEqual(shells(deck), ['b']);
  assert.equal(deck.state().selected, deck.state().slots[0]?.key);
  assert.deepEqual(asked, ['close a']);
});

test('shells that went with a session that slept come back in their tabs, whether or not the page heard of their end', async () => {
  const asked: string[] = [];
  const deck = new Deck(link(asked));
  deck.joined(['a', 'b', 'c', 'd'].map((id) => ({ id, title: '' })));
  const keys = deck.state().slots.map(({ key }) => key);
  const [, told, left] = deck.state().slots.map(({ shell }) => shell);
  told?.ended({ code: 0, reason: 'idle' });
  left?.ended({ code: 0, reason: 'exit' });
  // Another page has come back first, and has opened one.
  deck.joined([{ id: 'e', title: '' }]);
  assert.deepEqual(shells(deck), ['e', undefined, 'c', undefined]);
  assert.deepEqual(
    deck.state().slots.map(({ key }) => key),
    keys,
  );
  assert.deepEqual(asked, ['close b', 'open', 'close d', 'open']);
});
