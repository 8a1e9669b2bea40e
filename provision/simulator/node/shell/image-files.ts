import type { FileTree } from '../files/file-tree.ts';
import type { ShellContainer } from './container.ts';
import { EXECUTABLES } from './utilities.ts';

/** Folders that every image has. */
const FOLDERS: readonly string[] = [
  '/bin',
  '/dev',
  '/etc',
  '/home',
  '/proc',
  '/root',
  '/run',
  '/tmp',
  '/usr/bin',
  '/usr/local/bin',
  '/var/log',
];

/** Lays out what an image with a shell holds, executables included, so that `ls`, `which` and PATH find them. */
export function layOutImage(
  files: FileTree,
  {
    hasShell,
    hasBash,
    tools,
    user,
  }: Pick<ShellContainer, 'hasShell' | 'hasBash' | 'tools' | 'user'>,
): void {
  for (const folder of FOLDERS) files.makeDirectory(folder, true);
  files.write('/etc/passwd', passwd(user));
  if (hasShell) {
    for (const name of [...EXECUTABLES, ...(hasBash ? ['bash'] : ['ash'])]) {
      files.write(`/bin/${name}`, '', 0o755);
    }
  }
  for (const name of tools.keys()) files.write(`/usr/bin/${name}`, '', 0o755);
}

function passwd({ name, uid }: ShellContainer['user']): string {
  const root = 'root:x:0:0:root:/root:/bin/sh\n';
  return uid === 0 ? root : `${root}${name}:x:${uid}:${uid}:${name}:/home/${name}:/bin/sh\n`;
}
