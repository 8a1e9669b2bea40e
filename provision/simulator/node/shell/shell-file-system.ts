import { setImmediate } from 'node:timers/promises';

import type { ByteString, FsStat, IFileSystem } from 'just-bash';
import { unsafeBytesFromLatin1 } from 'just-bash';

import { FileError } from '../files/file-error.ts';
import type { FileNode, FileTree } from '../files/file-tree.ts';
import { sizeOf } from '../files/file-tree.ts';
import { baseName, parentPath, resolvePath } from '../files/paths.ts';
import { SCRIPT_TURN_COMMANDS } from '../limits.ts';

/** Where scripts made by `streamed` send what the command writes: not in the tree, so that nobody sees it. */
export const STDOUT_PATH = '/dev/.shell-stdout';
export const STDERR_PATH = '/dev/.shell-stderr';

/** Takes the output of a script as its commands end; what it returns is waited for before the next command. */
export interface OutputSink {
  stdout(bytes: Buffer): Promise<void> | void;
  stderr(bytes: Buffer): Promise<void> | void;
}

type Encoding = { readonly encoding?: string | null } | string | undefined;

/** A container's file tree in the shape that the shell engine asks for, with the two output devices. */
export class ShellFileSystem implements IFileSystem {
  readonly #tree: FileTree;
  readonly #sink: OutputSink;
  #commands = 0;

  constructor(tree: FileTree, sink: OutputSink) {
    this.#tree = tree;
    this.#sink = sink;
  }

  async readFile(path: string, options?: Encoding): Promise<string> {
    const bytes = await this.readFileBuffer(path);
    return Buffer.from(bytes).toString(nodeEncoding(options));
  }

  async readFileBytes(path: string): Promise<ByteString> {
    const bytes = await this.readFileBuffer(path);
    return unsafeBytesFromLatin1(Buffer.from(bytes).toString('latin1'));
  }

  async readFileBuffer(path: string): Promise<Uint8Array> {
    if (isDevice(path)) return new Uint8Array();
    const content = this.#tree.read(path);
    return typeof content === 'string' ? Buffer.from(content) : content;
  }

  async writeFile(path: string, content: string | Uint8Array, options?: Encoding): Promise<void> {
    const bytes = toBytes(content, options);
    if (isDevice(path)) await this.#toDevice(path, bytes);
    else this.#tree.write(path, bytes);
  }

  async appendFile(path: string, content: string | Uint8Array, options?: Encoding): Promise<void> {
    const bytes = toBytes(content, options);
    if (isDevice(path)) {
      await this.#toDevice(path, bytes);
      return;
    }
    const old = this.#tree.find(path) ? await this.readFileBuffer(path) : new Uint8Array();
    this.#tree.write(path, Buffer.concat([old, bytes]));
  }

  async exists(path: string): Promise<boolean> {
    return isDevice(path) || this.#tree.find(path) !== undefined;
  }

  async stat(path: string): Promise<FsStat> {
    if (isDevice(path)) return DEVICE;
    return toStat(this.#tree.find(path), path, 'stat');
  }

  async lstat(path: string): Promise<FsStat> {
    if (isDevice(path)) return DEVICE;
    return toStat(this.#tree.findLink(path), path, 'lstat');
  }

  async mkdir(path: string, options?: { recursive?: boolean }): Promise<void> {
    this.#tree.makeDirectory(path, options?.recursive ?? false);
  }

  async readdir(path: string): Promise<string[]> {
    return [...this.#tree.list(path)];
  }

  async readdirWithFileTypes(path: string) {
    return this.#tree.list(path).map((name) => {
      const type = this.#tree.findLink(resolvePath(path, name))?.type;
      return {
        name,
        isFile: type === 'file',
        isDirectory: type === 'directory',
        isSymbolicLink: type === 'symlink',
      };
    });
  }

  async rm(path: string, options?: { recursive?: boolean; force?: boolean }): Promise<void> {
    if (options?.force && !this.#tree.findLink(path)) return;
    this.#tree.remove(path, options?.recursive ?? false);
  }

  async cp(from: string, to: string, options?: { recursive?: boolean }): Promise<void> {
    const node = this.#tree.find(from);
    if (!node) throw new FileError('ENOENT', 'cp', from);
    if (node.type === 'file') {
      this.#tree.write(to, node.content, node.mode);
      return;
    }
    if (!options?.recursive) throw new FileError('EISDIR', 'cp', from);
    if (isInside(to, from)) throw new FileError('EINVAL', 'cp', from);
    this.#tree.makeDirectory(to, true);
    for (const name of this.#tree.list(from)) {
      await this.cp(resolvePath(from, name), resolvePath(to, name), options);
    }
  }

  async mv(from: string, to: string): Promise<void> {
    const node = this.#tree.findLink(from);
    if (!node) throw new FileError('ENOENT', 'rename', from);
    if (resolvePath('/', from) === resolvePath('/', to)) return;
    if (node.type === 'directory' && isInside(to, from)) {
      throw new FileError('EINVAL', 'rename', from);
    }
    // Placed first: when there is no folder for it, nothing may be lost.
    this.#tree.place(to, node);
    this.#tree.remove(from, true);
  }

  resolvePath(base: string, path: string): string {
    return resolvePath(base, path);
  }

  getAllPaths(): string[] {
    return [...this.#tree.paths()];
  }

  async chmod(path: string, mode: number): Promise<void> {
    this.#tree.setMode(path, mode);
  }

  async symlink(target: string, linkPath: string): Promise<void> {
    this.#tree.link(target, linkPath);
  }

  async link(existingPath: string, newPath: string): Promise<void> {
    const node = this.#tree.find(existingPath);
    if (!node) throw new FileError('ENOENT', 'link', existingPath);
    if (this.#tree.findLink(newPath)) throw new FileError('EEXIST', 'link', newPath);
    this.#tree.place(newPath, node);
  }

  async readlink(path: string): Promise<string> {
    const node = this.#tree.findLink(path);
    if (!node) throw new FileError('ENOENT', 'readlink', path);
    if (node.type !== 'symlink') throw new FileError('EINVAL', 'readlink', path);
    return node.target;
  }

  async realpath(path: string): Promise<string> {
    if (isDevice(path)) return path;
    const real = this.#tree.realPath(path);
    if (real === undefined) throw new FileError('ENOENT', 'realpath', path);
    return real;
  }

  async utimes(path: string, _atime: Date, mtime: Date): Promise<void> {
    this.#tree.setModified(path, mtime.getTime());
  }

  async #toDevice(path: string, bytes: Buffer): Promise<void> {
    // Every command of a script comes by here. The engine itself never lets timers and sockets have a turn.
    if (++this.#commands % SCRIPT_TURN_COMMANDS === 0) await setImmediate();
    if (bytes.length === 0) return;
    if (path === STDOUT_PATH || path === '/dev/stdout') await this.#sink.stdout(bytes);
    else if (path === STDERR_PATH || path === '/dev/stderr') await this.#sink.stderr(bytes);
  }
}

const DEVICES: ReadonlySet<string> = new Set([
  STDOUT_PATH,
  STDERR_PATH,
  '/dev/null',
  '/dev/stdout',
  '/dev/stderr',
]);

const DEVICE: FsStat = {
  isFile: true,
  isDirectory: false,
  isSymbolicLink: false,
  mode: 0o666,
  size: 0,
  mtime: new Date(0),
};

function isDevice(path: string): boolean {
  return DEVICES.has(path);
}

function isInside(path: string, folder: string): boolean {
  return `${resolvePath('/', path)}/`.startsWith(`${resolvePath('/', folder)}/`);
}

function toStat(node: FileNode | undefined, path: string, call: string): FsStat {
  if (!node) throw new FileError('ENOENT', call, path);
  return {
    isFile: node.type === 'file',
    isDirectory: node.type === 'directory',
    isSymbolicLink: node.type === 'symlink',
    mode: node.mode,
    size: node.type === 'file' ? sizeOf(node.content) : 0,
    mtime: new Date(node.mtimeMs),
    identity: `${parentPath(path)}/${baseName(path)}`,
  };
}

/** The engine hands bytes over as strings of one character each (`binary`, `latin1`), and text as text. */
function toBytes(content: string | Uint8Array, options: Encoding): Buffer {
  if (typeof content !== 'string') return Buffer.from(content);
  return Buffer.from(content, nodeEncoding(options));
}

function nodeEncoding(options: Encoding): BufferEncoding {
  const name = typeof options === 'string' ? options : (options?.encoding ?? 'utf8');
  return Buffer.isEncoding(name) ? name : 'utf8';
}
