import { isNode } from 'yaml';

/** Kinds of values, as the page names them. */
export type ValueType = 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array' | 'null';

/** Something wrong between two characters of a file; the page makes the sentence. */
export type YamlProblem = { readonly from: number; readonly to: number } & (
  | { readonly type: 'syntax'; readonly message: string }
  | { readonly type: 'noKind' }
  | {
      readonly type: 'unknownVersion';
      readonly apiVersion: string;
      readonly suggestion: string | undefined;
    }
  | {
      readonly type: 'unknownKind';
      readonly kind: string;
      readonly apiVersion: string;
      readonly suggestion: string | undefined;
    }
  | {
      readonly type: 'unknownField';
      readonly parent: string;
      readonly field: string;
      readonly suggestion: string | undefined;
    }
  | {
      readonly type: 'type';
      readonly field: string;
      readonly expected: ValueType;
      readonly actual: ValueType;
    }
  | { readonly type: 'required'; readonly field: string }
  | { readonly type: 'enum'; readonly field: string; readonly values: readonly string[] }
);

/** Where a key or value stands, without the space after it. */
export function rangeOf(node: unknown): readonly [number, number] {
  const range = isNode(node) ? node.range : undefined;
  return range ? [range[0], range[1]] : [0, 0];
}
