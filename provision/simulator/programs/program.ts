import type { ClusterClient } from '../client/client.ts';
import type { Clock } from '../clock.ts';
import type { Container, Pod } from '../kinds/types/core.ts';
import type { NetworkInterface } from '../net/network.ts';

/**
 * What runs in a container of some image: a module of ours that behaves as the image's program would.
 * Adding one means a file under `programs/` (or `mesh/`) and a line in `programs/registry.ts`.
 */
export interface Program {
  /** Whether this program is what the image holds. `image` is as written in the pod: registry, name, tag. */
  matches(image: string): boolean;
  /** Files of the image that `kubectl exec` and the program see: path to content. */
  readonly files?: Readonly<Record<string, string>>;
  /** Commands that `kubectl exec` offers in this container besides the shell's built-in ones: `curl`, `pilot-agent` … */
  readonly commands?: readonly string[];
  /**
   * Starts the program; the container is running until the result's `exited` settles or `stop` is called.
   * Throws or rejects only for what would make a real container exit at once with an error.
   */
  start(container: ContainerContext): RunningProgram;
}

export interface RunningProgram {
  /** Settles with the exit status when the program ends by itself. Never settles for servers. */
  readonly exited: Promise<number>;
  /** SIGTERM: ends everything the program owns. */
  stop(): void;
}

export interface ContainerContext {
  readonly pod: Pod;
  readonly container: Container;
  /** Resolved environment: values, references to fields, ConfigMaps and Secrets, service variables. */
  readonly env: Readonly<Record<string, string>>;
  /** The pod's place on the network, shared by its containers. */
  readonly network: NetworkInterface;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Writes a line to the container's log. */
  readonly log: (line: string) => void;
  /** The Kubernetes API as the pod's service account; istiod is the one that needs it. */
  readonly client: ClusterClient;
  /** Reads a file of the container's file system, volumes included; undefined when there is none. */
  readonly readFile: (path: string) => string | undefined;
}
