import type { FileNode, FileTree } from './file-tree.ts';

/** What a container's files have become, against those it started with: by path; null for what was removed. */
export type FileChanges = Readonly<Record<string, SavedFile | null>>;

/** One entry, as JSON. */
type SavedFile =
  | { readonly type: 'file'; readonly base64: string; readonly mode: number }
  | { readonly type: 'directory' }
  | { readonly type: 'symlink'; readonly target: string };

/** The changes that make `base` what `tree` is. */
export function changesBetween(base: FileTree, tree: FileTree): FileChanges {
  const before = new Set(base.paths());
  const changes: Record<string, SavedFile | null> = {};
  for (const path of tree.paths()) {
    const saved = save(tree.findLink(path));
    const old = before.delete(path) ? save(base.findLink(path)) : undefined;
    if (saved && JSON.stringify(saved) !== JSON.stringify(old)) changes[path] = saved;
  }
  for (const path of before) changes[path] = null;
  return changes;
}

/** Makes the changes, parents before what is in them. */
export function applyChanges(tree: FileTree, changes: FileChanges): void {
  for (const path of Object.keys(changes).toSorted()) {
    const saved = changes[path];
    if (tree.findLink(path) && saved?.type !== 'directory') tree.remove(path, true);
    if (saved?.type === 'file') {
      tree.writeDeep(path, Buffer.from(saved.base64, 'base64'), saved.mode);
    } else if (saved?.type === 'symlink') {
      tree.link(saved.target, path);
    } else if (saved?.type === 'directory') {
      tree.makeDirectory(path, true);
    }
  }
}

function save(node: FileNode | undefined): SavedFile | undefined {
  switch (node?.type) {
    case 'file':
      return {
        type: 'file',
        base64: Buffer.from(node.content).toString('base64'),
        mode: node.mode,
      };
    case 'directory':
      return { type: 'directory' };
    case 'symlink':
      return { type: 'symlink', target: node.target };
    case undefined:
      return undefined;
  }
  return undefined;
}
