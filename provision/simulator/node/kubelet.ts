import type { Duplex, Readable, Writable } from 'node:stream';

import type { HttpRequest, HttpResponse } from '../net/http.ts';

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
  /** Of attach: whether the end of the input is the end of the process' own (`stdinOnce`). Default false. */
  readonly endsInput?: boolean;
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

/** What a kubelet says instead of switching protocols: plain text with an HTTP status. */
export interface KubeletRefusal {
  readonly code: number;
  readonly message: string;
}

/**
 * What the API server asks of a node's kubelet. Refusals are `ApiError`s with the words a real kubelet uses:
 * `container x is not valid for pod y`, `container "x" in pod "y" is waiting to start: ContainerCreating` …
 */
export interface Kubelet {
  /** Why there is nothing to run in, to attach to or to forward to; undefined when there is. */
  refusal(verb: StreamVerb, ref: ContainerRef): KubeletRefusal | undefined;
  /** Lines with their line ends; ends by itself unless `follow`. */
  logs(ref: ContainerRef, options: LogOptions, signal: AbortSignal): AsyncIterable<string>;
  /** Rejects with what the container's runtime has against the command. */
  exec(ref: ContainerRef, options: ExecOptions): Promise<ExecProcess>;
  /** The container's own output from now on, and its standard input. */
  attach(ref: ContainerRef, options: ExecOptions): Promise<ExecProcess>;
  /** A byte stream to a port of the pod, as from 127.0.0.1 inside it. */
  portForward(
    pod: { readonly namespace: string; readonly name: string },
    port: number,
  ): Promise<Duplex>;
  /** What the kubelet of a node answers on its port 10250: `/healthz`, `/pods`, `/metrics/resource` … */
  nodeHttp(node: string, request: HttpRequest): Promise<HttpResponse>;
}

/** What can be asked of a container over switched protocols. */
export type StreamVerb = 'exec' | 'attach' | 'portforward';
