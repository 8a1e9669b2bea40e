import type { Json } from '../../kinds/object.ts';
import { isList, isObject } from '../objects/json.ts';

/** Where the items of a list stand, by what they are or by their merge key; looking up costs no walk through the list. */
export class Places {
  readonly #mergeKey: string | undefined;
  readonly #indexes = new Map<string, number>();
  #length = 0;

  constructor(list: readonly Json[], mergeKey?: string) {
    this.#mergeKey = mergeKey;
    for (const item of list) this.add(item);
  }

  /** Adds an item at the end. */
  add(item: Json): void {
    const identity = this.#identity(item);
    if (!this.#indexes.has(identity)) this.#indexes.set(identity, this.#length);
    this.#length++;
  }

  /** The index of the first item that is the same or has the same key; -1 when there is none. */
  indexOf(item: Json | undefined): number {
    return this.#indexes.get(this.#identity(item)) ?? -1;
  }

  #identity(item: Json | undefined): string {
    const isKeyed = this.#mergeKey !== undefined && isObject(item);
    return canonical(isKeyed ? item[this.#mergeKey] : item);
  }
}

/** The same text for values that are the same, whatever the order of their keys. */
function canonical(value: Json | undefined): string {
  if (isList(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? '';
  const fields = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${fields.join(',')}}`;
}
