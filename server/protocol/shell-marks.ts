import type { ShellView } from './socket.ts';

/** The OSC (operating system command) that carries marks of a shell, as in Visual Studio Code. */
export const SHELL_OSC = 633;

/** What a shell says of itself. */
export type ShellMark =
  /** It waits for a command. */
  | { readonly type: 'ready' }
  /** It waits for more of an unfinished command. */
  | { readonly type: 'more' }
  | { readonly type: 'command'; readonly line: string }
  | { readonly type: 'started' }
  /** Of an empty line too: then nothing had started. */
  | { readonly type: 'ended'; readonly exitStatus: number }
  | { readonly type: 'folder'; readonly folder: string };

const FOLDER = 'Cwd=';

/**
 * Reads the text of an OSC 633 (https://code.visualstudio.com/docs/terminal/shell-integration), which ends with the shell's
 * own nonce. Anything else, such as what a program prints, is no mark.
 * @param text what stands between `633;` and the end of the sequence
 */
export function readShellMark(text: string, nonce: string): ShellMark | undefined {
  const fields = text.split(';');
  if (nonce === '' || fields.length < 2 || fields.pop() !== nonce) return undefined;
  const [kind = '', value] = fields;
  switch (kind) {
    case 'B':
      return { type: 'ready' };
    case 'F':
      return { type: 'more' };
    case 'C':
      return { type: 'started' };
    case 'E':
      return { type: 'command', line: unescaped(value ?? '') };
    case 'D': {
      const exitStatus = Number(value);
      return Number.isInteger(exitStatus) ? { type: 'ended', exitStatus } : undefined;
    }
    case 'P':
      if (!value?.startsWith(FOLDER)) return undefined;
      return { type: 'folder', folder: unescaped(value.slice(FOLDER.length)) };
    default:
      return undefined;
  }
}

/** Where the shell stands after a mark. */
export function stepShell(shell: ShellView, mark: ShellMark): ShellView {
  switch (mark.type) {
    case 'ready':
      return { ...shell, state: 'free' };
    case 'more':
    case 'started':
      return { ...shell, state: 'running' };
    case 'ended':
      return shell.state === 'running' ? { ...shell, exitStatus: mark.exitStatus } : shell;
    case 'folder':
      return { ...shell, folder: mark.folder };
    case 'command':
      return shell;
    default:
      return mark satisfies never;
  }
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(?:\\|x([0-9a-f]{2}))/g, (_, code: string | undefined) =>
    code === undefined ? '\\' : String.fromCodePoint(Number.parseInt(code, 16)),
  );
}
