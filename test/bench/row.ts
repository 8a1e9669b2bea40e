/** One measured figure of the product, beside what it should be and, where there are some, peers of the same run. */
export interface Row {
  /** Begins with a name of its benchmark. */
  readonly id: string;
  readonly what: string;
  readonly unit: 'ms' | 'µs' | 'MiB' | 'req/s' | 'KiB' | 'MB/s' | '%' | '×';
  readonly value: number;
  /** What peers gave in the same run. */
  readonly peers?: readonly { readonly name: string; readonly value: number }[];
  /** What to reach, and in which direction. */
  readonly goal?: { readonly atMost: number } | { readonly atLeast: number };
}

/** Measures something and gives one or several rows. */
export interface Benchmark {
  /** What `--only` takes: each chooses the rows whose id it is, or begins with it and a dash. */
  readonly names: readonly string[];
  readonly run: () => Promise<readonly Row[]>;
}

/** The value below which a share of the samples lies. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const index = Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1));
  return sorted[index] ?? Number.NaN;
}

/** The table that is printed. */
export function formatRows(rows: readonly Row[]): string {
  const lines = rows.map((row) => [
    row.id,
    row.what,
    `${round(row.value)} ${row.unit}`,
    (row.peers ?? [])
      .map(({ name, value }) => `${round(value)} (${name}, ${(row.value / value).toFixed(2)}×)`)
      .join('  '),
    goalText(row),
  ]);
  const table = [['row', 'what', 'measured', 'peers', 'goal'], ...lines];
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...table.map((line) => line[column]?.length ?? 0)),
  );
  return table
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function goalText(row: Row): string {
  if (!row.goal) return '';
  const [limit, sign, isMet] =
    'atMost' in row.goal
      ? [row.goal.atMost, '≤', row.value <= row.goal.atMost]
      : [row.goal.atLeast, '≥', row.value >= row.goal.atLeast];
  return `${sign} ${limit} ${row.unit} ${isMet ? 'met' : 'not met'}`;
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
