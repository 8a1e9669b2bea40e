import type { LoadOptions } from '../command-line.ts';
import type { Outcome } from '../connection.ts';
import { isOk } from '../connection.ts';
import { Counter, Histogram } from '../histogram.ts';

/** What a run has counted; its size does not depend on how long the run is. */
export class Tally {
  readonly calls: Histogram;
  readonly errors: Histogram;
  /** Waits between calls; what fell behind is in the first bucket. */
  readonly sleeps = new Histogram({ resolution: 0.001, offset: -0.001 });
  readonly headSizes = new Counter();
  readonly sizes = new Counter();
  readonly codes = new Map<number, number>();
  receivedBytes = 0;

  constructor(options: Pick<LoadOptions, 'resolution' | 'offset'>) {
    this.calls = new Histogram(options);
    this.errors = new Histogram(options);
  }

  /** @param seconds how long the call took */
  record({ code, size, headBytes }: Outcome, seconds: number): void {
    this.calls.record(seconds);
    if (!isOk(code)) this.errors.record(seconds);
    this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
    this.sizes.record(size);
    this.headSizes.record(headBytes);
    this.receivedBytes += size;
  }
}
