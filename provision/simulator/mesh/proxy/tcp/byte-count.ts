/** How often Istio's proxies report the bytes of a connection that lasts (tcp_reporting_duration of the stats filter). */
const REPORT_INTERVAL_MS = 5_000;

/** Bytes of one direction of a connection, as they are and as they have been reported so far: no timer runs for that. */
export class ByteCount {
  readonly #startMs: number;
  #total = 0;
  #reported = 0;
  /** Intervals since the start when the last bytes came. */
  #interval = 0;

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  get total(): number {
    return this.#total;
  }

  add(bytes: number, nowMs: number): void {
    this.#reported = this.reported(nowMs);
    this.#interval = this.#intervalAt(nowMs);
    this.#total += bytes;
  }

  /** What a metric shows at a moment: all that had come when the interval began that the moment is in. */
  reported(nowMs: number): number {
    return this.#intervalAt(nowMs) > this.#interval ? this.#total : this.#reported;
  }

  #intervalAt(nowMs: number): number {
    return Math.floor((nowMs - this.#startMs) / REPORT_INTERVAL_MS);
  }
}
