import type { Json } from '../../kinds/object.ts';
import { isList, isObject } from '../objects/json.ts';

/** JSON that may be changed in place: a Map knows its size at once and takes any key, `__proto__` too. */
export type Tree = string | number | boolean | null | Tree[] | Map<string, Tree>;

export function toTree(value: Json): Tree {
  if (isList(value)) return value.map(toTree);
  if (!isObject(value)) return value;
  const tree = new Map<string, Tree>();
  for (const [key, child] of Object.entries(value)) {
    if (child !== undefined) tree.set(key, toTree(child));
  }
  return tree;
}

export function fromTree(tree: Tree): Json {
  if (Array.isArray(tree)) return tree.map(fromTree);
  if (!(tree instanceof Map)) return tree;
  // fromEntries defines its keys, where an assignment to `__proto__` would change the object.
  return Object.fromEntries(Array.from(tree, ([key, child]) => [key, fromTree(child)]));
}

/** Whether both say the same; takes no longer than to read `value`. */
export function isTreeOf(tree: Tree, value: Json): boolean {
  if (isList(value)) {
    return (
      Array.isArray(tree) &&
      tree.length === value.length &&
      value.every((item, index) => isTreeOf(tree[index] ?? null, item))
    );
  }
  if (!isObject(value)) return tree === value;
  const entries = Object.entries(value);
  if (!(tree instanceof Map) || tree.size !== entries.length) return false;
  return entries.every(([key, child]) => {
    const other = tree.get(key);
    return other !== undefined && child !== undefined && isTreeOf(other, child);
  });
}
