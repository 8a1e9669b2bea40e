import { readdir, readFile } from 'node:fs/promises';

/** Memory of a server and all that it started, in MiB; pages that processes share count once. */
export interface TreeMemory {
  readonly server: number;
  /** Host processes of simulated clusters. */
  readonly clusters: number;
  readonly sandboxes: number;
}

const KIB_PER_MIB = 1_024;
/** Of Linux's USER_HZ, which is 100 everywhere. */
const MS_PER_TICK = 10;

/** Proportional set sizes (proc(5), smaps_rollup) of a server's process tree. */
export async function memoryOf(serverPid: number): Promise<TreeMemory> {
  const sum = { server: 0, clusters: 0, sandboxes: 0 };
  for (const pid of await treeOf(serverPid)) {
    const part = pid === serverPid ? 'server' : (await isHost(pid)) ? 'clusters' : 'sandboxes';
    sum[part] += await proportionalMiB(pid);
  }
  return sum;
}

/** Time that host processes started by this one have computed, in milliseconds. */
export async function hostCpuMs(): Promise<number> {
  let ticks = 0;
  for (const pid of await treeOf(process.pid)) {
    if (!(await isHost(pid))) continue;
    // proc(5), stat: utime and stime are the 14th and 15th field; the name before may hold blanks.
    const fields = (await textOf(`/proc/${pid}/stat`)).split(') ').at(-1)?.split(' ') ?? [];
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  }
  return ticks * MS_PER_TICK;
}

async function treeOf(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const children = await Promise.all(
    threads.map((thread) => textOf(`/proc/${pid}/task/${thread}/children`)),
  );
  const pids = children.flatMap((text) => text.split(' ').filter(Boolean).map(Number));
  const below = await Promise.all(pids.map(treeOf));
  return [pid, ...below.flat()];
}

async function isHost(pid: number): Promise<boolean> {
  return (await textOf(`/proc/${pid}/cmdline`)).includes('simulator/host/main.ts');
}

async function proportionalMiB(pid: number): Promise<number> {
  const rollup = await textOf(`/proc/${pid}/smaps_rollup`);
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) / KIB_PER_MIB;
}

/** Empty when the process has ended meanwhile. */
function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
