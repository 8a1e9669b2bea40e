import { HOME_BYTES, HOME_PACK_MS, HOME_UNPACK_MS } from '../limits.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';

/** Where tar runs. */
export type Archiver = Pick<Sandbox, 'run' | 'runBytes'>;

/** What became of an attempt to take a home out of its sandbox. */
export type Packed =
  | { readonly type: 'unchanged' }
  | { readonly type: 'packed'; readonly archive: Uint8Array; readonly fingerprint: string }
  | { readonly type: 'too-large'; readonly fingerprint: string };

/** `incomplete`: tar has said what it could not bring back. `stopped`: it did not come to its end. */
export type Unpacked = 'complete' | 'incomplete' | 'stopped';

// The server writes the kubeconfig anew for each cluster; caches come back by themselves.
const LEFT_OUT = ['./.kube/config', './.kube/cache', './.cache'] as const;
const IS_LEFT_OUT = `\\( ${LEFT_OUT.map((place) => `-path ${place} -o -path '${place}/*'`).join(' -o ')} \\)`;

const UNCHANGED_STATUS = 10;
/** tar's: some file changed while it was read; the archive is whole (https://www.gnu.org/software/tar/manual/html_section/Synopsis.html). */
const CHANGED_MEANWHILE_STATUS = 1;
const KILLED_STATUS = 137;

/**
 * $1: fingerprint of the home that is stored; $2: seconds since the epoch when the home was as every home begins. A file
 * or folder that has not changed since then is not the learner's work; of one that has, everything in it is taken, so that
 * a folder that was moved arrives whole. A folder comes after what is in it: its own mode may forbid to write there.
 * The fingerprint is the first line of the complaints.
 */
const PACK = `
cd "$HOME" || exit 2
fingerprint=$(find . -mindepth 1 ${IS_LEFT_OUT} -prune -o -printf '%P %C@ %s\\n' 2>/dev/null | cksum)
[ "$fingerprint" != "$1" ] || exit ${UNCHANGED_STATUS}
echo "$fingerprint" >&2
find . -mindepth 1 ${IS_LEFT_OUT} -prune -o -newerct "@$2" -print0 -prune 2>/dev/null |
  xargs -0 -r sh -c 'exec find "$@" -depth ! ${IS_LEFT_OUT.replaceAll("'", '"')} -print0 2>/dev/null' find |
  tar -c -I 'gzip -1n' --format=posix --pax-option=delete=atime,delete=ctime --sparse --owner=root:0 --group=root:0 \\
    --ignore-failed-read --no-recursion --null -T -`;

const UNPACK = `cd "$HOME" && exec tar -xzpf - --no-same-owner --anchored --no-wildcards ${LEFT_OUT.map((place) => `--exclude=${place}`).join(' ')}`;

/**
 * What the learner has made of the home, packed by tar inside the sandbox: the server itself never follows a path of theirs.
 * @throws Error with tar's words when it could not be packed
 */
export async function packHome(
  sandbox: Archiver,
  { fingerprint, filledMs }: { readonly fingerprint: string; readonly filledMs: number },
): Promise<Packed> {
  const { code, stdout, stderr, isCut } = await sandbox.runBytes({
    command: ['/bin/sh', '-c', PACK, 'pack', fingerprint, String(filledMs / 1000)],
    timeoutMs: HOME_PACK_MS,
    outputBytes: HOME_BYTES,
  });
  if (code === UNCHANGED_STATUS) return { type: 'unchanged' };
  const [first = '', ...complaints] = stderr.split('\n');
  if (isCut) return { type: 'too-large', fingerprint: first };
  if (code !== 0 && code !== CHANGED_MEANWHILE_STATUS) {
    throw new Error(`Cannot keep the home: ${reasonOf(code, complaints)}`);
  }
  return { type: 'packed', archive: stdout, fingerprint: first };
}

/** Brings a packed home back, inside the sandbox; what does not fit into it stays out. */
export async function unpackHome(
  sandbox: Archiver,
  archive: Uint8Array,
  onProblem: (problem: string) => void,
): Promise<Unpacked> {
  const { code, stderr } = await sandbox.run({
    command: ['/bin/sh', '-c', UNPACK],
    stdin: archive,
    timeoutMs: HOME_UNPACK_MS,
  });
  if (code === 0) return 'complete';
  onProblem(`Cannot bring back all of the home: ${reasonOf(code, stderr.split('\n'))}`);
  return code === KILLED_STATUS ? 'stopped' : 'incomplete';
}

/** The first complaint says most, and a learner's thousand files would fill the log. */
function reasonOf(code: number, complaints: readonly string[]): string {
  return complaints.find((line) => line.trim() !== '') ?? `tar ended with status ${code}`;
}
