/** Bounds of Istio's histograms (https://istio.io/latest/docs/reference/config/metrics/), also for bytes. */
const BOUNDS = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000,
  600_000, 1_800_000, 3_600_000,
] as const;

/** Counts up. */
export class Counter {
  value = 0;

  expose(name: string, labels: string): string {
    return `${name}{${labels}} ${this.value}\n`;
  }
}

/** Counts values by how large they are. */
export class Histogram {
  readonly #buckets = new Uint32Array(BOUNDS.length + 1);
  #sum = 0;
  #count = 0;

  record(value: number): void {
    let index = 0;
    while (index < BOUNDS.length && value > (BOUNDS[index] ?? 0)) index++;
    this.#buckets[index] = (this.#buckets[index] ?? 0) + 1;
    this.#sum += value;
    this.#count++;
  }

  expose(name: string, labels: string): string {
    let total = 0;
    let text = '';
    for (const [index, bound] of [...BOUNDS, '+Inf'].entries()) {
      total += this.#buckets[index] ?? 0;
      text += `${name}_bucket{${labels},le="${bound}"} ${total}\n`;
    }
    return `${text}${name}_sum{${labels}} ${this.#sum}\n${name}_count{${labels}} ${this.#count}\n`;
  }
}

/** Metrics of one kind, by name and then by labels as Prometheus' text format has them. */
export class Families<T extends Counter | Histogram> {
  readonly #type: 'counter' | 'histogram';
  readonly #make: () => T;
  readonly #families = new Map<string, Map<string, T>>();

  constructor(type: 'counter' | 'histogram', make: () => T) {
    this.#type = type;
    this.#make = make;
  }

  /** The one with these labels, made when there is none yet. */
  of(name: string, labels: string): T {
    let family = this.#families.get(name);
    if (!family) {
      family = new Map();
      this.#families.set(name, family);
    }
    let one = family.get(labels);
    if (!one) {
      one = this.#make();
      family.set(labels, one);
    }
    return one;
  }

  drop(name: string, labels: string): void {
    this.#families.get(name)?.delete(labels);
  }

  all(): readonly T[] {
    return [...this.#families.values()].flatMap((family) => [...family.values()]);
  }

  /** Prometheus' text format, families by name. */
  expose(): string {
    return [...this.#families]
      .filter(([, family]) => family.size > 0)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, family]) => {
        const lines = [...family].map(([labels, one]) => one.expose(name, labels));
        return `# TYPE ${name} ${this.#type}\n${lines.join('')}`;
      })
      .join('');
  }
}
