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
  /** Names of its images, for the message about one that no program has: `nginx`, `curlimages/curl`. */
  readonly images?: readonly string[];
  /** Files of the image that `kubectl exec` and the program see: path to content. */
  readonly files?: Readonly<Record<string, string>>;
  /**
   * Commands that `kubectl exec` offers in this container besides POSIX utilities and `sh`: `bash`, `curl`, `wget` …
   * Those a node knows (`node/shell/commands/`) are named here; an image's own ones are in `tools`.
   */
  readonly commands?: readonly string[];
  /** Commands that only this image has: `pilot-agent`, `fortio`. */
  readonly tools?: Readonly<Record<string, Tool>>;
  /** False for images without a shell and utilities ("distroless"): only `commands` and `tools` can be run. Default true. */
  readonly hasShell?: boolean;
  /** Who commands run as. Default root. */
  readonly user?: { readonly name: string; readonly uid: number };
  /** Where commands start when the pod names no working folder. Default `/`. */
  readonly workingDir?: string;
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
  /** Whether the program ended because it asked for more memory than its container may have. Default: never. */
  isOutOfMemory?(): boolean;
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
  /**
   * Runs a command line by the node's shell as the container's own process: its output is the log, its standard input
   * and terminal are those of `kubectl attach`.
   */
  readonly run: (command: readonly string[]) => RunningProgram;
}

/** A command in a container, run by `kubectl exec` or a script. */
export type Tool = (args: readonly string[], context: ToolContext) => Promise<ToolResult>;

export interface ToolContext {
  readonly pod: Pod;
  readonly network: NetworkInterface;
  readonly clock: Clock;
  readonly random: () => number;
  /** Exported variables of the shell that runs the command. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly workingDir: string;
  readonly stdin: Uint8Array;
  /** Whether the command was started on a terminal. */
  readonly hasTerminal: boolean;
  /** Aborted by ^C, `kill` or a client that goes away. */
  readonly signal: AbortSignal;
  readonly files: ToolFiles;
  readonly processes: Processes;
}

/** The container's file system; paths are absolute or relative to the command's working folder. */
export interface ToolFiles {
  readText(path: string): string | undefined;
  /** @throws Error with code `ENOENT`, `EISDIR` or `ENOSPC` */
  write(path: string, content: string | Uint8Array): void;
}

/** What runs in the container, as `ps` and `kill` see it. */
export interface Processes {
  list(): readonly Process[];
  /** Sends a signal by number; false when there is no such process. */
  kill(pid: number, signal: number): boolean;
}

export interface Process {
  /** The container's program is 1. */
  readonly pid: number;
  readonly user: string;
  readonly command: string;
  readonly startedMs: number;
}

export interface ToolResult {
  readonly stdout: string | Uint8Array;
  readonly stderr: string;
  readonly exitCode: number;
}
