import { bySpecificity, matchesHost } from '../../hosts.ts';

/** Things by host name or wildcard; the first for a name stays. */
export class HostTable<T> {
  readonly #exact = new Map<string, T>();
  readonly #wildcards = new Map<string, T>();
  #sorted: readonly string[] | undefined;

  /** Adds what is not there yet, and gives what is. */
  add(host: string, value: T): T {
    const table = host.startsWith('*') ? this.#wildcards : this.#exact;
    const known = table.get(host);
    if (known !== undefined) return known;
    table.set(host, value);
    this.#sorted = undefined;
    return value;
  }

  /** What stands for the very host, else for the longest wildcard that covers it. */
  find(host: string): T | undefined {
    const exact = this.#exact.get(host);
    if (exact !== undefined || this.#wildcards.size === 0) return exact;
    this.#sorted ??= [...this.#wildcards.keys()].toSorted(bySpecificity);
    const pattern = this.#sorted.find((one) => matchesHost(one, host));
    return pattern === undefined ? undefined : this.#wildcards.get(pattern);
  }

  hosts(): readonly string[] {
    return [...this.#exact.keys(), ...this.#wildcards.keys()];
  }
}
