import type { Json, JsonObject } from '../../kinds/object.ts';
import { isObject } from '../objects/json.ts';
import { treeOf, type PathTree } from './path-tree.ts';
import { joinPath, type Path } from './paths.ts';

/** A set of paths as FieldsV1 writes it: nested objects, `.` for an item that is itself in the set. */
export function toFieldsV1(paths: Iterable<Path>): JsonObject {
  return fieldsOf(treeOf(paths));
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

function fieldsOf({ isMember, children }: PathTree): JsonObject {
  const result: Record<string, JsonObject> = {};
  if (isMember && children.size > 0) result['.'] = {};
  for (const element of [...children.keys()].toSorted()) {
    const child = children.get(element);
    if (child) result[element] = fieldsOf(child);
  }
  return result;
}
