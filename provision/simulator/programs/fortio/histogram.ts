import { goNumber } from '../go/number.ts';

/** Ends of the buckets, in units of the histogram's resolution (fortio, stats). */
const BUCKET_ENDS: readonly number[] = (
  '0 1 2 3 4 5 6 7 8 9 10 11 12 14 16 18 20 25 30 35 40 45 50 60 70 80 90 100 120 140 160 180 200 ' +
  '250 300 350 400 450 500 600 700 800 900 1000 2000 3000 4000 5000 7500 10000 20000 30000 40000 50000 75000 100000'
)
  .split(' ')
  .map(Number);

export interface Bucket {
  readonly start: number;
  readonly end: number;
  /** Of all values up to and with this bucket. */
  readonly percent: number;
  readonly count: number;
}

/** Count, average, deviation and bounds of values, in fortio's words. */
export class Counter {
  count = 0;
  min = 0;
  max = 0;
  sum = 0;
  #sumOfSquares = 0;

  /** Takes in what another counter has. */
  add(other: Counter): void {
    if (other.count === 0) return;
    this.min = this.count === 0 ? other.min : Math.min(this.min, other.min);
    this.max = this.count === 0 ? other.max : Math.max(this.max, other.max);
    this.count += other.count;
    this.sum += other.sum;
    this.#sumOfSquares += other.#sumOfSquares;
  }

  record(value: number): void {
    this.min = this.count === 0 ? value : Math.min(this.min, value);
    this.max = this.count === 0 ? value : Math.max(this.max, value);
    this.count++;
    this.sum += value;
    this.#sumOfSquares += value * value;
  }

  get average(): number {
    return this.count === 0 ? 0 : this.sum / this.count;
  }

  get deviation(): number {
    if (this.count === 0) return 0;
    const variance = (this.#sumOfSquares - (this.sum * this.sum) / this.count) / this.count;
    return Math.sqrt(Math.max(variance, 0));
  }

  /** `Sleep times : count 3 avg 0.25 +/- 0.1 min 0.1 max 0.4 sum 0.75` */
  line(title: string): string {
    return (
      `${title} : count ${this.count} avg ${goNumber(this.average, 8)} +/- ${goNumber(this.deviation, 4)} ` +
      `min ${goNumber(this.min)} max ${goNumber(this.max)} sum ${goNumber(this.sum, 9)}`
    );
  }
}

/** How values are spread, in a fixed number of buckets: its memory does not grow with the run. */
export class Histogram extends Counter {
  readonly #resolution: number;
  readonly #offset: number;
  readonly #counts: number[] = Array.from({ length: BUCKET_ENDS.length + 1 }, () => 0);

  constructor({
    resolution,
    offset = 0,
  }: {
    readonly resolution: number;
    readonly offset?: number;
  }) {
    super();
    this.#resolution = resolution;
    this.#offset = offset;
  }

  /** One histogram of what several of the same resolution have. */
  static together(
    parts: readonly Histogram[],
    scale: { readonly resolution: number; readonly offset?: number },
  ): Histogram {
    const sum = new Histogram(scale);
    for (const part of parts) {
      sum.add(part);
      for (const [index, count] of part.#counts.entries()) {
        sum.#counts[index] = (sum.#counts[index] ?? 0) + count;
      }
    }
    return sum;
  }

  override record(value: number): void {
    super.record(value);
    const scaled = (value - this.#offset) / this.#resolution;
    const index = BUCKET_ENDS.findIndex((end) => scaled <= end + 1e-12);
    const bucket = index < 0 ? BUCKET_ENDS.length : index;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  /** Share of the values in the first bucket, those at or below the offset; from 0 to 1. */
  get shareBelowOffset(): number {
    return this.count === 0 ? 0 : (this.#counts[0] ?? 0) / this.count;
  }

  buckets(): readonly Bucket[] {
    const found: Bucket[] = [];
    const last = this.#counts.findLastIndex((count) => count > 0);
    let total = 0;
    for (const [index, count] of this.#counts.entries()) {
      if (count === 0) continue;
      total += count;
      found.push({
        start: found.length === 0 ? this.min : this.#endOf(index - 1),
        end: index === last ? this.max : this.#endOf(index),
        percent: (100 * total) / this.count,
        count,
      });
    }
    return found;
  }

  #endOf(index: number): number {
    return this.#resolution * (BUCKET_ENDS[index] ?? 0) + this.#offset;
  }

  /** An estimate of the value below which so many percent of all are. */
  percentile(percent: number): number {
    if (percent >= 100) return this.max;
    let before = 100 / this.count;
    if (percent <= before) return this.min;
    for (const bucket of this.buckets()) {
      if (percent <= bucket.percent) {
        const share = (percent - before) / (bucket.percent - before);
        return bucket.start + share * (bucket.end - bucket.start);
      }
      before = bucket.percent;
    }
    return this.max;
  }

  targetLines(percentiles: readonly number[]): readonly string[] {
    if (this.count === 0) return [];
    return percentiles.map(
      (percent) => `# target ${goNumber(percent)}% ${goNumber(this.percentile(percent), 6)}`,
    );
  }

  /** The table that fortio prints. */
  table(title: string, percentiles: readonly number[]): readonly string[] {
    if (this.count === 0) return [`${title} : no data`];
    const rows = this.buckets().map(({ start, end, percent, count }, index) => {
      const [from, to, middle] = [start, end, (start + end) / 2].map((value) => goNumber(value, 6));
      return `${index === 0 ? '>=' : '>'} ${from} <= ${to} , ${middle} , ${percent.toFixed(2)}, ${count}`;
    });
    return [
      this.line(title),
      '# range, mid point, percentile, count',
      ...rows,
      ...this.targetLines(percentiles),
    ];
  }

  /** As in fortio's JSON results. */
  toJson(percentiles: readonly number[]) {
    const data = this.buckets().map(({ start, end, percent, count }) => ({
      Start: start,
      End: end,
      Percent: percent,
      Count: count,
    }));
    const wanted = this.count === 0 ? [] : percentiles;
    return {
      Count: this.count,
      Min: this.min,
      Max: this.max,
      Sum: this.sum,
      Avg: this.average,
      StdDev: this.deviation,
      Data: data.length > 0 ? data : null,
      ...(wanted.length > 0 && {
        Percentiles: wanted.map((percent) => ({
          Percentile: percent,
          Value: this.percentile(percent),
        })),
      }),
    };
  }
}
