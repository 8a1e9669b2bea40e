/** Rows as columns padded to their widest cell plus `padding` spaces; the last column is not padded (Go's tabwriter). */
export function table(rows: readonly (readonly string[])[], padding: number): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.slice(0, -1).entries()) {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    }
  }
  const lines = rows.map((row) =>
    row
      .map((cell, index) =>
        index === row.length - 1 ? cell : cell.padEnd((widths[index] ?? 0) + padding),
      )
      .join(''),
  );
  return lines.map((line) => `${line}\n`).join('');
}
