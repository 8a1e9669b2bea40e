import type { Duplex, Readable, Writable } from 'node:stream';

/** Addresses one container; without `container` the pod's default one. */
export interface ContainerRef {
  readonly namespace: string;
  readonly pod: string;
  readonly container?: string;
}

export interface LogOptions {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  readonly sinceTime?: string;
  readonly limitBytes?: number;
}

export interface ExecOptions {
  readonly command: readonly string[];
  readonly isTty: boolean;
  readonly hasStdin: boolean;
}

/** A command that runs in a container. */
export interface ExecProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Empty when there is a terminal. */
  readonly stderr: Readable;
  /** Settles with the exit status. */
  readonly exited: Promise<number>;
  resize(columns: number, rows: number): void;
  kill(): void;
}

/**
 * What the API server asks of a node's kubelet. Refusals are `ApiError`s with the words a real kubelet uses:
 * `container x is not valid for pod y`, `container "x" in pod "y" is waiting to start: ContainerCreating` …
 */
export interface Kubelet {
  /** Lines with their line ends; ends by itself unless `follow`. */
  logs(ref: ContainerRef, options: LogOptions, signal: AbortSignal): AsyncIterable<string>;
  exec(ref: ContainerRef, options: ExecOptions): Promise<ExecProcess>;
  /** The container's own output from now on, and its standard input. */
  attach(ref: ContainerRef, options: ExecOptions): Promise<ExecProcess>;
  /** A byte stream to a port of the pod, as from 127.0.0.1 inside it. */
  portForward(
    pod: { readonly namespace: string; readonly name: string },
    port: number,
  ): Promise<Duplex>;
}
