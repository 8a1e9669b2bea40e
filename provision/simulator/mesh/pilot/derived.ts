/** A value that is made again only when something that it is made from is another than before. */
export class Derived<T> {
  #known: { readonly from: readonly unknown[]; readonly value: T } | undefined;

  /** What `make` gives, or gave when `from` held the very same values. */
  of(from: readonly unknown[], make: () => T): T {
    const known = this.#known;
    if (known?.from.length === from.length && from.every((one, at) => one === known.from[at])) {
      return known.value;
    }
    const value = make();
    this.#known = { from, value };
    return value;
  }
}
