/** A moment as Envoy's START_TIME(format) writes it, in UTC: letters of strftime, and `%3f` for parts of a second. */
export function formatTime(ms: number, format: string): string {
  const iso = new Date(ms).toISOString();
  return format.replaceAll(/%(\d?)([A-Za-z%])/g, (written, digits: string, letter: string) => {
    if (letter === 'f') return fraction(ms, digits === '' ? 9 : Number(digits));
    if (letter === 's') return String(Math.floor(ms / 1_000)) + (digits && fraction(ms, +digits));
    const range = PARTS[letter];
    if (range) return iso.slice(...range);
    return LITERALS[letter] ?? written;
  });
}

/** Where the parts stand in `2026-01-02T03:04:05.678Z`. */
const PARTS: Readonly<Record<string, readonly [number, number]>> = {
  Y: [0, 4],
  y: [2, 4],
  m: [5, 7],
  d: [8, 10],
  H: [11, 13],
  M: [14, 16],
  S: [17, 19],
  F: [0, 10],
  T: [11, 19],
};

const LITERALS: Readonly<Record<string, string>> = { z: '+0000', Z: 'UTC', '%': '%' };

function fraction(ms: number, digits: number): string {
  return String(ms % 1_000)
    .padStart(3, '0')
    .padEnd(9, '0')
    .slice(0, digits);
}
