import { applyChanges, changesBetween, type FileChanges } from '../../files/changes.ts';
import type { SharedFolder } from '../../files/file-tree.ts';
import { FileTree, newSharedFolder } from '../../files/file-tree.ts';

/** Where a folder stands in the tree that it is compared in. */
const ROOT = '/folder';
const PREFIX = 'folder:';

/** Folders that outlive the pods that mount them: persistent volumes and folders of nodes, by name. */
export class Folders {
  readonly #now: () => number;
  readonly #saved: Map<string, FileChanges>;
  readonly #folders = new Map<string, SharedFolder>();

  /** @param saved what `savedFiles()` gave in an earlier life of the cluster */
  constructor(now: () => number, saved: Readonly<Record<string, FileChanges>> = {}) {
    this.#now = now;
    this.#saved = new Map(Object.entries(saved));
  }

  has(name: string): boolean {
    return this.#folders.has(name) || this.#saved.has(keyOf(name));
  }

  /** The folder of that name, made when it is first asked for. */
  get(name: string): SharedFolder {
    const known = this.#folders.get(name);
    if (known) return known;
    const folder = newSharedFolder(this.#now());
    this.#folders.set(name, folder);
    const saved = this.#saved.get(keyOf(name));
    if (saved) applyChanges(this.#treeOf(folder), saved);
    this.#saved.delete(keyOf(name));
    return folder;
  }

  /** Lets the folder's content go. */
  forget(name: string): void {
    this.#folders.delete(name);
    this.#saved.delete(keyOf(name));
  }

  /** What is in the folders, for the cluster's snapshot. */
  savedFiles(): Readonly<Record<string, FileChanges>> {
    const empty = this.#treeOf(newSharedFolder(this.#now()));
    const found = [...this.#folders].map(([name, folder]) => {
      return [keyOf(name), changesBetween(empty, this.#treeOf(folder))] as const;
    });
    // Those that nobody has asked for since are as they were.
    const asSaved = [...this.#saved].filter(([key]) => key.startsWith(PREFIX));
    const filled = found.filter(([, changes]) => Object.keys(changes).length > 0);
    return Object.fromEntries([...asSaved, ...filled]);
  }

  #treeOf(folder: SharedFolder): FileTree {
    const tree = new FileTree(this.#now);
    tree.mount(ROOT, folder);
    return tree;
  }
}

function keyOf(name: string): string {
  return `${PREFIX}${name}`;
}
