import type { Container } from '../../kinds/types/core.ts';
import { quantityValue } from '../../kinds/values/quantity.ts';
import type { Process } from '../../programs/program.ts';
import { appetiteOf } from './appetites.ts';

/** What a container uses at this moment. */
export interface Usage {
  /** Billionths of a core. */
  readonly nanoCpu: number;
  /** Working set in bytes. */
  readonly memoryBytes: number;
}

export interface Work {
  readonly container: Container;
  /** Requests served and sent in a second, of late. */
  readonly requestsPerSecond: number;
  readonly processes: readonly Process[];
  /** Tells containers apart and moments, so that figures move a little: any number. */
  readonly seed: number;
}

const MIB = 1024 * 1024;
const NANO_PER_MILLI = 1_000_000;
/** A measurement differs from the one before by so much, as a part of the whole. */
const UNREST = 0.12;

/** Command lines that are known to keep a core busy. */
const BUSY =
  /(^|[\s;|&("'])(yes|stress(-ng)?)(\s|$|[>|;&"'])|while\s+(true|:)\s*;\s*do\s+(true|:)\s*;|\/dev\/zero/;

/** Worked out from what the container's program is and does; limits hold as the kernel's do. */
export function usageOf({ container, requestsPerSecond, processes, seed }: Work): Usage {
  const { idleMilliCpu, memoryMiB, msPerRequest } = appetiteOf(container.image);
  const busy = processes.filter(({ command }) => BUSY.test(command)).length;
  const milli = idleMilliCpu + requestsPerSecond * msPerRequest + busy * 1000;
  const { cpu, memory } = container.resources?.limits ?? {};
  const limitNano = cpu === undefined ? Infinity : quantityValue(cpu) * 1e9;
  const limitBytes = memory === undefined ? Infinity : quantityValue(memory) * 0.97;
  const nano = milli * NANO_PER_MILLI * unrest(seed) + 40_000;
  const bytes = memoryMiB * MIB * (1 + Math.min(0.3, requestsPerSecond / 400)) * unrest(seed + 1);
  return {
    nanoCpu: Math.round(Math.min(nano, limitNano)),
    memoryBytes: Math.round(Math.min(bytes, limitBytes)),
  };
}

/** A factor near to 1 that belongs to the number. */
function unrest(seed: number): number {
  const wave = Math.sin(seed * 12.9898) * 43_758.5453;
  return 1 + UNREST * (wave - Math.floor(wave) - 0.5);
}
