import type { Clock } from '../../clock.ts';
import type { Pod } from '../../kinds/types/core.ts';
import type { NetworkInterface } from '../../net/network.ts';
import type { Tool } from '../../programs/program.ts';
import type { FileTree } from '../files/file-tree.ts';
import type { ProcessTable } from './processes.ts';

/** What a shell needs to know of the container it runs in. */
export interface ShellContainer {
  readonly pod: Pod;
  readonly hostname: string;
  readonly files: FileTree;
  readonly env: Readonly<Record<string, string>>;
  readonly network: NetworkInterface;
  readonly clock: Clock;
  readonly random: () => number;
  readonly workingDir: string;
  readonly user: { readonly name: string; readonly uid: number };
  readonly processes: ProcessTable;
  /** False for images without `sh` and utilities. */
  readonly hasShell: boolean;
  /** By name: the node's own that the image has, and the image's. */
  readonly tools: ReadonlyMap<string, Tool>;
  readonly hasBash: boolean;
}
