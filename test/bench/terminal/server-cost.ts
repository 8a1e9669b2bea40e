import { readFile } from 'node:fs/promises';

/** What `/proc` counts processor time in (proc(5), clock ticks). */
const TICK_MS = 10;

/** Processor time that a process has used. */
export async function cpuMsOf(pid: number): Promise<number> {
  return cpuMs(await readFile(`/proc/${pid}/stat`, 'utf8'));
}

/** Memory that a process shares with nobody. */
export async function privateMiBOf(pid: number): Promise<number> {
  return privateMiB(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8'));
}

/** The name of a program may hold anything, so fields are counted from the parenthesis that closes it. */
export function cpuMs(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

export function privateMiB(rollup: string): number {
  const sizes = [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)];
  return sizes.reduce((sum, [, size]) => sum + Number(size), 0) / 1_024;
}
