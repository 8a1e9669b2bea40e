import path from 'node:path';

import { CPU_WEIGHT, MEMORY_BYTES, PROCESSES } from '../limits.ts';

/** What a control group limits. */
export type Resource = 'memory' | 'pids' | 'cpu';

/** A folder in which groups may be made, and what is written into each. */
export interface Hierarchy {
  readonly version: 'v1' | 'v2';
  /** The first one names the hierarchy: of several folders for it, the first usable one is taken. */
  readonly resources: readonly Resource[];
  readonly folder: string;
  /** Files and values without which a group is of no use. */
  readonly settings: Readonly<Record<string, string>>;
  /** Files and values that not every kernel has. */
  readonly wishes: Readonly<Record<string, string>>;
  /** Version 2 hands controllers down only when told to. */
  readonly controllers?: string;
}

/**
 * In version 1 the machine's own programs compete one by one with the groups: a learner's together weigh as much as one of
 * them. With less, whatever else the machine does would starve them.
 */
const CPU_SHARES = 1_024;

const V1: readonly (Pick<Hierarchy, 'settings' | 'wishes'> & { readonly resource: Resource })[] = [
  {
    resource: 'memory',
    settings: { 'memory.limit_in_bytes': String(MEMORY_BYTES) },
    wishes: { 'memory.memsw.limit_in_bytes': String(MEMORY_BYTES) },
  },
  { resource: 'pids', settings: { 'pids.max': String(PROCESSES) }, wishes: {} },
  {
    resource: 'cpu',
    settings: { 'cpu.shares': String(CPU_SHARES) },
    wishes: {},
  },
];

/**
 * Where groups may be made, best first. A machine with both versions has its controllers in version 1.
 * @param root where control groups are mounted
 * @param membership content of /proc/self/cgroup
 */
export function hierarchies(root: string, membership: string): readonly Hierarchy[] {
  const v1 = V1.flatMap(({ resource, ...files }) => {
    const own = ownGroup(membership, resource);
    if (own === undefined) return [];
    // In a container the mount shows its own group as the root.
    const folders = new Set([path.join(root, resource, own), path.join(root, resource)]);
    return [...folders].map((folder): Hierarchy => {
      return { version: 'v1', resources: [resource], folder, ...files };
    });
  });
  if (v1.length > 0) return v1;
  const unified = /^0::(.*)$/m.exec(membership)?.[1];
  if (unified === undefined) return [];
  // A group with processes of its own may not have children that are limited, so learners become our siblings.
  const folders = new Set([path.dirname(path.join(root, unified)), root]);
  return [...folders].map((folder) => ({
    version: 'v2',
    resources: ['memory', 'pids', 'cpu'],
    folder,
    settings: {
      'memory.max': String(MEMORY_BYTES),
      'pids.max': String(PROCESSES),
      'cpu.weight': String(CPU_WEIGHT),
    },
    wishes: { 'memory.swap.max': '0' },
    controllers: '+memory +pids +cpu',
  }));
}

function ownGroup(membership: string, controller: string): string | undefined {
  return new RegExp(`^\\d+:(?:[^:\\n]*,)?${controller}(?:,[^:\\n]*)?:(.*)$`, 'm').exec(
    membership,
  )?.[1];
}
