import { constants } from 'node:fs';
import { access, chmod, copyFile, cp, link, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

/** Permission bits for everybody. */
const READ = 0o004;
const ENTER = 0o001;

/**
 * A path of a file or folder that every uid can read: itself where that is so, else a copy in `folder`, which must be
 * readable. A root server enters boxes under the learners' uids, and its own files may lie in a home that is closed.
 */
export async function publicPath(source: string, folder: string): Promise<string> {
  const real = await realpath(source);
  const isOpen = (await areParentsOpen(real)) && (await isReadable(real));
  if (isOpen) return real;
  const target = path.join(folder, path.basename(source));
  if ((await stat(real)).isDirectory()) {
    await cp(real, target, { recursive: true, dereference: true });
    await open(target);
    return target;
  }
  await linkOrCopy(real, target);
  return target;
}

async function areParentsOpen(file: string): Promise<boolean> {
  const folder = path.dirname(file);
  const { mode } = await stat(folder);
  return (mode & ENTER) !== 0 && (folder === '/' || (await areParentsOpen(folder)));
}

/** Whether everybody can read the file, or the folder with everything in it. */
async function isReadable(file: string): Promise<boolean> {
  const { mode } = await stat(file);
  if ((mode & READ) === 0) return false;
  const entries = await entriesOf(file);
  if (entries.length > 0 && (mode & ENTER) === 0) return false;
  const readable = await Promise.all(entries.map((entry) => isReadable(entry)));
  return readable.every(Boolean);
}

async function entriesOf(file: string): Promise<readonly string[]> {
  if (!(await stat(file)).isDirectory()) return [];
  return (await readdir(file)).map((name) => path.join(file, name));
}

/** Makes a copy of ours readable, and keeps what was executable so. */
async function open(file: string): Promise<void> {
  const { mode } = await stat(file);
  const isEntered = (mode & 0o100) !== 0;
  await chmod(file, isEntered ? 0o755 : 0o644);
  await Promise.all((await entriesOf(file)).map((entry) => open(entry)));
}

/** A link costs nothing, but shares its permissions with the original, which are not ours to change. */
async function linkOrCopy(file: string, target: string): Promise<void> {
  const { mode } = await stat(file);
  const isOpen = (mode & READ) !== 0;
  try {
    if (!isOpen) throw new Error('closed');
    await link(file, target);
    await access(target, constants.R_OK);
  } catch {
    await copyFile(file, target, constants.COPYFILE_FICLONE);
    await open(target);
  }
}
