import {
  CONTAINER_FILES_LIMIT_BYTES,
  CONTAINER_FILES_LIMIT_ENTRIES,
  SYMLINK_LIMIT,
} from '../limits.ts';
import { FileError } from './file-error.ts';
import { baseName, parentPath, resolvePath } from './paths.ts';

export type FileNode = FileContent | Directory | SymbolicLink;

interface FileContent {
  readonly type: 'file';
  /** Text of images and volumes is shared between containers; what a command writes is bytes. */
  readonly content: string | Uint8Array;
  readonly mode: number;
  readonly mtimeMs: number;
}

interface Directory {
  readonly type: 'directory';
  readonly mode: number;
  readonly mtimeMs: number;
  readonly entries: Map<string, FileNode>;
}

interface SymbolicLink {
  readonly type: 'symlink';
  readonly target: string;
  readonly mode: number;
  readonly mtimeMs: number;
}

/** A folder in more than one tree: an emptyDir volume. */
export type SharedFolder = Directory;

export function newSharedFolder(nowMs: number): SharedFolder {
  return { type: 'directory', mode: 0o777, mtimeMs: nowMs, entries: new Map() };
}

/** The folder below another, made when it is not there; a file of that name is left alone. */
export function subFolder(folder: SharedFolder, path: string, nowMs: number): SharedFolder {
  let at = folder;
  for (const name of resolvePath('/', path).split('/').filter(Boolean)) {
    const known = at.entries.get(name);
    const next = known?.type === 'directory' ? known : newSharedFolder(nowMs);
    if (known === undefined) at.entries.set(name, next);
    at = next;
  }
  return at;
}

/** Whether files below a path may be changed; the rule of the deepest path counts. */
export interface Protection {
  readonly path: string;
  readonly isReadOnly: boolean;
}

/**
 * The file system of one container: a tree of values, read and changed at once.
 * Paths are absolute or relative to `/`. Everything that cannot be done throws a `FileError`.
 */
export class FileTree {
  readonly #now: () => number;
  readonly #root: Directory;
  #bytes = 0;
  #entries = 0;
  #protection: readonly Protection[] = [];

  constructor(now: () => number) {
    this.#now = now;
    this.#root = this.#newDirectory();
  }

  /** Says what may be changed from now on; everything else throws EROFS. Mounts are not held by it. */
  protect(rules: readonly Protection[]): void {
    this.#protection = rules.toSorted((a, b) => b.path.length - a.path.length);
  }

  /** The entry at `path`, symbolic links followed; undefined when there is none. */
  find(path: string): FileNode | undefined {
    return this.#walk(path, true)?.node;
  }

  /** The entry at `path` itself, even when it is a symbolic link. */
  findLink(path: string): FileNode | undefined {
    return this.#walk(path, false)?.node;
  }

  /** The path with all symbolic links resolved; undefined when it leads nowhere. */
  realPath(path: string): string | undefined {
    return this.#walk(path, true)?.path;
  }

  /** @throws FileError ENOENT, EISDIR */
  read(path: string): string | Uint8Array {
    const node = this.find(path);
    if (!node) throw new FileError('ENOENT', 'open', path);
    if (node.type !== 'file') throw new FileError('EISDIR', 'read', path);
    return node.content;
  }

  /** The file as text; undefined when it is not there or is no file. */
  readText(path: string): string | undefined {
    const node = this.find(path);
    if (node?.type !== 'file') return undefined;
    return typeof node.content === 'string' ? node.content : Buffer.from(node.content).toString();
  }

  /** @throws FileError EISDIR, ENOENT (no such folder), ENOSPC, EROFS */
  write(path: string, content: string | Uint8Array, mode?: number): void {
    this.#checkWritable('open', path);
    const { parent, name, node } = this.#place(path);
    if (node?.type === 'directory') throw new FileError('EISDIR', 'open', path);
    const added = sizeOf(content) - (node?.type === 'file' ? sizeOf(node.content) : 0);
    if (this.#bytes + added > CONTAINER_FILES_LIMIT_BYTES) {
      throw new FileError('ENOSPC', 'write', path);
    }
    this.#put(parent, name, {
      type: 'file',
      content,
      mode: mode ?? (node?.type === 'file' ? node.mode : 0o644),
      mtimeMs: this.#now(),
    });
    this.#bytes += added;
  }

  /** Writes a file and the folders it needs. */
  writeDeep(path: string, content: string | Uint8Array, mode?: number): void {
    this.makeDirectory(parentPath(path), true);
    this.write(path, content, mode);
  }

  /** @throws FileError EEXIST, ENOENT, ENOTDIR */
  makeDirectory(path: string, isRecursive: boolean): void {
    const full = resolvePath('/', path);
    const existing = this.find(full);
    if (existing?.type === 'directory' && isRecursive) return;
    if (existing) throw new FileError('EEXIST', 'mkdir', path);
    this.#checkWritable('mkdir', path);
    if (isRecursive && full !== '/') this.makeDirectory(parentPath(full), true);
    const { parent, name } = this.#place(full);
    this.#put(parent, name, this.#newDirectory());
  }

  /** @throws FileError EEXIST, ENOENT */
  link(target: string, path: string): void {
    if (this.findLink(path)) throw new FileError('EEXIST', 'symlink', path);
    this.#checkWritable('symlink', path);
    const { parent, name } = this.#place(path);
    this.#put(parent, name, { type: 'symlink', target, mode: 0o777, mtimeMs: this.#now() });
  }

  /** Puts a folder that other containers of the pod see too in the place of `path`. */
  mount(path: string, folder: SharedFolder): void {
    this.makeDirectory(parentPath(path), true);
    const { parent, name } = this.#place(path);
    this.#put(parent, name, folder);
  }

  /** Names in a folder, sorted. @throws FileError ENOENT, ENOTDIR */
  list(path: string): readonly string[] {
    const node = this.find(path);
    if (!node) throw new FileError('ENOENT', 'scandir', path);
    if (node.type !== 'directory') throw new FileError('ENOTDIR', 'scandir', path);
    return [...node.entries.keys()].toSorted();
  }

  /** @throws FileError ENOENT, ENOTEMPTY */
  remove(path: string, isRecursive: boolean): void {
    const at = this.#walk(path, false);
    if (!at?.parent) throw new FileError('ENOENT', 'rm', path);
    this.#checkWritable('rm', path);
    if (at.node.type === 'directory' && at.node.entries.size > 0 && !isRecursive) {
      throw new FileError('ENOTEMPTY', 'rm', path);
    }
    at.parent.entries.delete(baseName(at.path));
    this.#count(at.node, -1);
  }

  /** Puts another entry in the place of one, for copies, moves and hard links. @throws FileError ENOENT */
  place(path: string, node: FileNode): void {
    this.#checkWritable('open', path);
    const { parent, name, node: old } = this.#place(path);
    if (old) this.#count(old, -1);
    this.#count(node, 1);
    parent.entries.set(name, node);
  }

  /** @throws FileError ENOENT */
  setMode(path: string, mode: number): void {
    this.#change(path, 'chmod', (node) => ({ ...node, mode }));
  }

  /** @throws FileError ENOENT */
  setModified(path: string, mtimeMs: number): void {
    this.#change(path, 'utime', (node) => ({ ...node, mtimeMs }));
  }

  /** Every path, folders included, for globs. */
  paths(): readonly string[] {
    const found: string[] = [];
    const visit = (directory: Directory, prefix: string) => {
      for (const [name, node] of directory.entries) {
        found.push(`${prefix}/${name}`);
        if (node.type === 'directory') visit(node, `${prefix}/${name}`);
      }
    };
    visit(this.#root, '');
    return found;
  }

  #checkWritable(call: string, path: string): void {
    if (this.#protection.length === 0) return;
    const full = resolvePath('/', path);
    const parent = parentPath(full);
    const real = this.realPath(full) ?? `${this.realPath(parent) ?? parent}/${baseName(full)}`;
    const at = resolvePath('/', real);
    const rule = this.#protection.find((one) => {
      return one.path === '/' || at === one.path || at.startsWith(`${one.path}/`);
    });
    if (rule?.isReadOnly === true) throw new FileError('EROFS', call, path);
  }

  #change(path: string, call: string, change: (node: FileNode) => FileNode): void {
    const at = this.#walk(path, true);
    if (!at) throw new FileError('ENOENT', call, path);
    this.#checkWritable(call, path);
    at.parent?.entries.set(baseName(at.path), change(at.node));
  }

  /** The folder a path's last part is in, and what is there now; links on the way and at the end are followed. */
  #place(path: string): { parent: Directory; name: string; node: FileNode | undefined } {
    const full = resolvePath('/', path);
    const at = this.#walk(full, true);
    if (at?.parent) return { parent: at.parent, name: baseName(at.path), node: at.node };
    if (at) throw new FileError('EISDIR', 'open', path);
    const parent = this.find(parentPath(full));
    if (!parent) throw new FileError('ENOENT', 'open', path);
    if (parent.type !== 'directory') throw new FileError('ENOTDIR', 'open', path);
    return { parent, name: baseName(full), node: undefined };
  }

  #put(parent: Directory, name: string, node: FileNode): void {
    if (!parent.entries.has(name)) {
      if (this.#entries >= CONTAINER_FILES_LIMIT_ENTRIES) {
        throw new FileError('ENOSPC', 'open', name);
      }
      this.#entries++;
    }
    parent.entries.set(name, node);
  }

  #count(node: FileNode, sign: 1 | -1): void {
    this.#entries += sign;
    if (node.type === 'file') this.#bytes += sign * sizeOf(node.content);
    if (node.type !== 'directory') return;
    for (const child of node.entries.values()) this.#count(child, sign);
  }

  #walk(
    path: string,
    followsLast: boolean,
  ): { node: FileNode; parent: Directory | undefined; path: string } | undefined {
    let parts = resolvePath('/', path).split('/').filter(Boolean);
    let at: { node: FileNode; parent: Directory | undefined; path: string } = {
      node: this.#root,
      parent: undefined,
      path: '/',
    };
    for (let links = 0; parts.length > 0;) {
      const [name = '', ...rest] = parts;
      parts = rest;
      if (at.node.type !== 'directory') return undefined;
      const node = at.node.entries.get(name);
      if (!node) return undefined;
      if (node.type === 'symlink' && (followsLast || rest.length > 0)) {
        if (++links > SYMLINK_LIMIT) return undefined;
        parts = [...resolvePath(at.path, node.target).split('/').filter(Boolean), ...rest];
        at = { node: this.#root, parent: undefined, path: '/' };
      } else {
        at = { node, parent: at.node, path: `${at.path === '/' ? '' : at.path}/${name}` };
      }
    }
    return at;
  }

  #newDirectory(): Directory {
    return { type: 'directory', mode: 0o755, mtimeMs: this.#now(), entries: new Map() };
  }
}

/** Size of a file in bytes. */
export function sizeOf(content: string | Uint8Array): number {
  return typeof content === 'string' ? Buffer.byteLength(content) : content.byteLength;
}
