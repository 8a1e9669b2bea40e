import type { NewObject } from '../../../client/client.ts';
import type { KubeApi } from '../kube/api.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Which cluster a command asks, as its global flags say. */
export interface ClusterTarget {
  /** Path of a kubeconfig; empty: KUBECONFIG, else ~/.kube/config. */
  readonly kubeconfig: string;
  /** Name of a context in it; empty: the current one. */
  readonly context: string;
}

/** The world around a command; tests give their own. */
export interface Context {
  readonly terminal: Terminal;
  connect(target: ClusterTarget): Promise<KubeApi>;
  /** Text of a file; `-` is standard input. */
  readText(file: string): Promise<string>;
  /**
   * Writes a file, with all folders on the way to it; `isProgram` lets it be run.
   * @throws CommandError when it cannot be written
   */
  writeText(file: string, text: string, options?: { readonly isProgram?: boolean }): Promise<void>;
  /** A new folder for files that nobody has named a place for. */
  newFolder(prefix: string): Promise<string>;
  /**
   * The files of a folder and of all folders in it, sorted; of a file, itself.
   * @throws CommandError when there is no such file
   */
  filesUnder(path: string): Promise<readonly string[]>;
  /** Istio's CustomResourceDefinitions. */
  crds(): Promise<readonly NewObject[]>;
  /** Runs kubectl against the same cluster and gives what it said. */
  kubectl(target: ClusterTarget, args: readonly string[]): Promise<KubectlResult>;
  /** Runs kubectl with the terminal's own streams until it ends. */
  kubectlInForeground(target: ClusterTarget, args: readonly string[]): Promise<number>;
  /** A local port to listen on: `preferred` if nobody has it, else any other. */
  freePort(address: string, preferred: number): Promise<number>;
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

export interface KubectlResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}
