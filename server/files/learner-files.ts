import {
  EDITOR_BYTES,
  type FileEntry,
  type FileStamp,
  type FileText,
  type FolderView,
  TRANSFER_BYTES,
} from '#protocol';

import { Problem } from '../problem.ts';
import type { BytesResult, Sandbox } from '../sandbox/sandbox.ts';
import { ARCHIVE_BYTES, FILE_MS, FOLDER_BYTES, FOLDER_ENTRIES, TRANSFER_MS } from './limits.ts';
import { checkedPath } from './path.ts';
import { COMPLAINTS, REFUSALS, SCRIPT } from './script.ts';

/** Two fields that SCRIPT tells first, each ended by NUL: a path of 4 KiB and a version. */
const HEAD_BYTES = 8 * 1024;

/** A file for the learner's computer; a folder comes packed. */
export interface Download {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * The learner's files, reached by programs inside the sandbox alone: this server never opens, follows or walks a path of
 * theirs, and whoever asks can do what the learner's shell can.
 */
export class LearnerFiles {
  readonly #sandbox: Pick<Sandbox, 'runBytes'>;

  constructor(sandbox: Pick<Sandbox, 'runBytes'>) {
    this.#sandbox = sandbox;
  }

  /** @throws Problem `file-…`, here and below */
  async list(path: unknown): Promise<FolderView> {
    const answer = await this.#run(['list', checkedPath(path)], { outputBytes: FOLDER_BYTES });
    const [folder, home, rest] = headOf(answer.stdout);
    const records = rest.toString('utf8').split('\0').slice(0, -1);
    const entries = records.slice(0, FOLDER_ENTRIES).map(entryOf).toSorted(inOrder);
    const isCut = answer.isCut || records.length > FOLDER_ENTRIES;
    return { path: folder, home, entries, isCut };
  }

  /** The text of a file of at most `EDITOR_BYTES`. */
  async read(path: unknown): Promise<FileText> {
    const limit = { outputBytes: EDITOR_BYTES + HEAD_BYTES };
    const { stdout, isCut } = await this.#run(['read', checkedPath(path)], limit);
    const [absolute, version, bytes] = headOf(stdout);
    if (isCut || bytes.length > EDITOR_BYTES) {
      throw new Problem(413, 'file-too-large', 'This file is too large for the editor');
    }
    return { path: absolute, version, text: textOf(bytes) };
  }

  async version(path: unknown): Promise<FileStamp> {
    return stampOf(await this.#run(['version', checkedPath(path)]));
  }

  /** Writes a file whole or not at all, with the folders to it; refused when it is not of that version any more. */
  async write(
    path: unknown,
    { version, bytes }: { readonly version: unknown; readonly bytes: Buffer },
  ): Promise<FileStamp> {
    if (typeof version !== 'string' || version.length > 100 || version.includes('\0')) {
      throw new Problem(400, 'bad-request', 'The request needs "version"');
    }
    const command = ['write', checkedPath(path), version, String(bytes.length)];
    return stampOf(await this.#run(command, { stdin: bytes, timeoutMs: TRANSFER_MS }));
  }

  async makeFolder(path: unknown): Promise<FileStamp> {
    return stampOf(await this.#run(['folder', checkedPath(path)]));
  }

  async move(from: unknown, to: unknown): Promise<FileStamp> {
    return stampOf(await this.#run(['move', checkedPath(from), checkedPath(to)]));
  }

  /** A folder goes with everything in it; a link goes, not what it leads to. */
  async delete(path: unknown): Promise<void> {
    await this.#run(['delete', checkedPath(path)], { timeoutMs: TRANSFER_MS });
  }

  async download(path: unknown): Promise<Download> {
    const limit = { outputBytes: ARCHIVE_BYTES + HEAD_BYTES, timeoutMs: TRANSFER_MS };
    const { stdout, isCut } = await this.#run(['bytes', checkedPath(path)], limit);
    const [absolute, type, bytes] = headOf(stdout);
    if (isCut || (type === 'file' && bytes.length > TRANSFER_BYTES)) {
      throw new Problem(413, 'file-too-large-to-send', 'This is too large to be downloaded');
    }
    const name = absolute.split('/').at(-1) || 'files';
    return { name: type === 'folder' ? `${name}.tar.gz` : name, bytes };
  }

  async #run(
    args: readonly string[],
    options: {
      readonly stdin?: Buffer;
      readonly outputBytes?: number;
      readonly timeoutMs?: number;
    } = {},
  ): Promise<BytesResult> {
    const result = await this.#sandbox.runBytes({
      command: ['/bin/sh', '-c', SCRIPT, 'files', ...args],
      // The complaints of the tools are understood in English.
      env: { LC_ALL: 'C' },
      timeoutMs: FILE_MS,
      outputBytes: HEAD_BYTES,
      ...options,
    });
    if (result.code !== 0 && !result.isCut) throw refusalOf(result);
    return result;
  }
}

function refusalOf({ code, stderr }: BytesResult): Problem {
  // The last complaint is the tool's that stopped the script; a name in it can only make a wrong sentence.
  const last = stderr.trimEnd().split('\n').at(-1) ?? '';
  const [status, name, sentence] =
    REFUSALS[code] ??
    COMPLAINTS.find(([pattern]) => pattern.test(last))?.[1] ??
    ([500, 'file-failed', 'The sandbox could not do that with this file'] as const);
  return new Problem(status, name, sentence);
}

function headOf(output: Buffer): readonly [string, string, Buffer] {
  const first = output.indexOf(0);
  const second = output.indexOf(0, first + 1);
  if (first < 0 || second < 0) {
    throw new Problem(500, 'file-failed', 'The sandbox could not do that with this file');
  }
  return [
    output.toString('utf8', 0, first),
    output.toString('utf8', first + 1, second),
    output.subarray(second + 1),
  ];
}

function stampOf({ stdout }: BytesResult): FileStamp {
  const [path, version] = headOf(stdout);
  return { path, version };
}

/** `l f 12 name`: type of the entry, of what it leads to, size, name. */
function entryOf(record: string): FileEntry {
  const [own = '', real = '', bytes = '0', ...name] = record.split(' ');
  const type = real === 'f' ? 'file' : real === 'd' ? 'folder' : 'other';
  return { name: name.join(' '), type, isLink: own === 'l', bytes: Number(bytes) };
}

function inOrder(one: FileEntry, other: FileEntry): number {
  const byType = Number(other.type === 'folder') - Number(one.type === 'folder');
  return byType || (one.name < other.name ? -1 : 1);
}

function textOf(bytes: Buffer): string {
  try {
    if (!bytes.includes(0))
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Said below, as for bytes that no text has.
  }
  throw new Problem(415, 'file-binary', 'This file is not text in UTF-8');
}
