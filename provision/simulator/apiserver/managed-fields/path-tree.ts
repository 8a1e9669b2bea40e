import type { Schema } from '../../kinds/kind.ts';
import { isStructField, joinPath, schemaOf, splitPath, type Path, type PathSet } from './paths.ts';

/** Paths as a tree of their elements. */
export interface PathTree {
  /** Whether the path that ends here is in the set. */
  isMember: boolean;
  readonly children: Map<string, PathTree>;
}

export function treeOf(paths: Iterable<Path>): PathTree {
  const root = emptyTree();
  for (const path of paths) {
    let here = root;
    for (const element of splitPath(path)) {
      const known = here.children.get(element);
      const next = known ?? emptyTree();
      if (!known) here.children.set(element, next);
      here = next;
    }
    here.isMember = true;
  }
  return root;
}

/** The paths in the order in which upstream names them: fields before what is below them, each level by name. */
export function inOrder(paths: Iterable<Path>): readonly Path[] {
  const ordered: Path[] = [];
  const walk = (tree: PathTree, path: Path) => {
    const elements = [...tree.children].toSorted(([left], [right]) => (left < right ? -1 : 1));
    for (const [element, child] of elements) {
      if (child.isMember) ordered.push(joinPath(path, element));
    }
    for (const [element, child] of elements) walk(child, joinPath(path, element));
  };
  walk(treeOf(paths), '');
  return ordered;
}

/** The paths together with the structs that they lead through: who owns a field of a struct keeps the struct. */
export function withStructs(paths: PathSet, schema: Schema): Set<Path> {
  const result = new Set(paths);
  const walk = (tree: PathTree, path: Path, here: Schema | undefined) => {
    for (const [element, child] of tree.children) {
      const childPath = joinPath(path, element);
      const isField = element.startsWith('f:');
      const key = element.slice(2);
      if (isField && child.children.size > 0 && isStructField(here, key)) result.add(childPath);
      walk(child, childPath, isField ? schemaOf(here, key) : here?.items);
    }
  };
  walk(treeOf(paths), '', schema);
  return result;
}

function emptyTree(): PathTree {
  return { isMember: false, children: new Map() };
}
