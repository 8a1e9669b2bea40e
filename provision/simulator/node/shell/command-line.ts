import { baseName } from '../files/paths.ts';
import type { ShellContainer } from './container.ts';
import { quote } from './quote.ts';
import { EXECUTABLES, SEARCH_PATH } from './utilities.ts';

/** What a container makes of an argument vector. */
export type Invocation =
  /** A shell that reads its commands from a person or from standard input. */
  | { readonly type: 'shell'; readonly name: string }
  | { readonly type: 'script'; readonly text: string }
  /** The container's runtime has nothing to run. */
  | { readonly type: 'refused'; readonly message: string };

/** Names a shell goes by. */
const SHELLS: ReadonlySet<string> = new Set(['sh', 'ash', 'bash', 'dash']);

/** Decides what an argument vector runs, the way a container runtime does: no shell unless one is named. */
export function resolveCommand(
  argv: readonly string[],
  container: ShellContainer,
  workingDir: string,
): Invocation {
  const [path = '', ...args] = argv;
  const name = baseName(path);
  const isCommand = hasCommand(container, name) && isInSearchPath(path);
  if (isCommand && SHELLS.has(name)) return resolveShell(name, args, container);
  if (isCommand) return { type: 'script', text: [name, ...args].map(quote).join(' ') };
  const file = findFile(path, container, workingDir);
  if (file) return resolveFile(file, args, container);
  return refused(path, path.includes('/') ? `stat ${path}: no such file or directory` : NOT_FOUND);
}

const NOT_FOUND = 'executable file not found in $PATH';

function hasCommand(container: ShellContainer, name: string): boolean {
  if (container.tools.has(name)) return true;
  if (!container.hasShell) return false;
  if (name === 'bash') return container.hasBash;
  if (name === 'ash') return !container.hasBash;
  if (name === 'dash') return container.hasBash;
  return EXECUTABLE_NAMES.has(name);
}

const EXECUTABLE_NAMES: ReadonlySet<string> = new Set(EXECUTABLES);
const SEARCH_FOLDERS: readonly string[] = SEARCH_PATH.split(':');

function isInSearchPath(path: string): boolean {
  if (!path.includes('/')) return true;
  return SEARCH_FOLDERS.includes(path.slice(0, path.lastIndexOf('/')));
}

function findFile(path: string, { files }: ShellContainer, workingDir: string) {
  const places = path.includes('/')
    ? [path.startsWith('/') ? path : `${workingDir}/${path}`]
    : SEARCH_FOLDERS.map((folder) => `${folder}/${path}`);
  for (const place of places) {
    const node = files.find(place);
    if (node) return { place, node };
  }
  return undefined;
}

function resolveFile(
  { place, node }: NonNullable<ReturnType<typeof findFile>>,
  args: readonly string[],
  container: ShellContainer,
): Invocation {
  const isExecutable = node.type === 'file' && (node.mode & 0o111) !== 0;
  if (!isExecutable) return refused(place, 'permission denied');
  if (!container.hasShell) return refused(place, 'no such file or directory');
  return withArguments(container.files.readText(place) ?? '', args);
}

function refused(path: string, reason: string) {
  const message =
    'OCI runtime exec failed: exec failed: unable to start container process: ' +
    `exec: "${path}": ${reason}: unknown`;
  return { type: 'refused', message } as const;
}

/** `sh -ec 'script' name args`, `sh file args`, `sh` (POSIX, sh). */
function resolveShell(
  name: string,
  args: readonly string[],
  container: ShellContainer,
): Invocation {
  const { options, isCommand, operands } = shellOptions(args);
  const set = options ? `set -${options}\n` : '';
  const [first, ...others] = operands;
  if (first === undefined) {
    if (!isCommand) return { type: 'shell', name };
    return failing(`${name}: -c requires an argument`);
  }
  if (isCommand) return withArguments(set + first, others.slice(1));
  const text = container.files.readText(first);
  if (text !== undefined) return withArguments(set + text, others);
  const message = `${name}: can't open '${first}': No such file or directory`;
  return failing(message);
}

/** What a shell says when it has started and can do nothing with its arguments. */
function failing(message: string): Invocation {
  return { type: 'script', text: `echo ${quote(message)} >&2; exit 2` };
}

function shellOptions(args: readonly string[]) {
  let options = '';
  let isCommand = false;
  const operands = [...args];
  while (/^[-+]/.test(operands[0] ?? '')) {
    const word = operands.shift() ?? '';
    if (word === '--' || word === '-') break;
    if (word.startsWith('--')) continue;
    isCommand ||= word.includes('c');
    if (word.endsWith('o')) operands.shift();
    options += word.replaceAll(/[^euxfv]/g, '');
  }
  return { options, isCommand, operands };
}

function withArguments(text: string, args: readonly string[]): Invocation {
  const body = text.replace(/^#!.*\n/, '\n');
  if (args.length === 0) return { type: 'script', text: body };
  return { type: 'script', text: `set -- ${args.map(quote).join(' ')}\n${body}` };
}
