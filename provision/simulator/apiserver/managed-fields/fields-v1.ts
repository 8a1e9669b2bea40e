import type { Json, JsonObject } from '../../kinds/object.ts';
import { isObject } from '../objects/json.ts';
import { joinPath, splitPath, type Path } from './paths.ts';

interface Tree {
  [element: string]: Tree;
}

/** A set of paths as FieldsV1 writes it: nested objects, `.` for an item that is itself in the set. */
export function toFieldsV1(paths: Iterable<Path>): JsonObject {
  const root: Tree = {};
  for (const path of paths) {
    let here = root;
    for (const element of splitPath(path)) here = here[element] ??= {};
    here['.'] = {};
  }
  return withoutLoneDots(root);
}

/** The paths that a FieldsV1 value holds. */
export function fromFieldsV1(fields: unknown): Set<Path> {
  const paths = new Set<Path>();
  const walk = (path: Path, tree: Json | undefined) => {
    const children = isObject(tree) ? Object.entries(tree) : [];
    if (children.length === 0 && path !== '') paths.add(path);
    for (const [element, child] of children) {
      if (element !== '.') walk(joinPath(path, element), child);
      else if (path !== '') paths.add(path);
    }
  };
  walk('', isObject(fields) ? fields : {});
  return paths;
}

function withoutLoneDots(tree: Tree): JsonObject {
  const result: Record<string, JsonObject> = {};
  const elements = Object.keys(tree).toSorted();
  for (const element of elements) {
    const child = tree[element] ?? {};
    if (element === '.' && elements.length === 1) continue;
    result[element] = withoutLoneDots(child);
  }
  return result;
}
