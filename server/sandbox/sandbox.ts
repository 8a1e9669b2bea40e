import type { Socket as UdpSocket } from 'node:dgram';
import type { Server } from 'node:net';

import type { Locale, TerminalSize } from '#protocol';

/** A running program whose streams are bytes, with or without a terminal. */
export interface TerminalProcess {
  onData(listener: (data: Buffer) => void): void;
  /** Told once, after the last output. */
  onExit(listener: (exit: { readonly code: number; readonly signal?: number }) => void): void;
  /** @returns false when so much waits for the program already that this was dropped */
  write(data: string | Uint8Array): boolean;
  /** Settles when less than so many bytes of input wait, or when nobody will read them any more. */
  inputBelow(bytes: number): Promise<void>;
  resize(size: TerminalSize): void;
  pause(): void;
  resume(): void;
  /** Hang-up first, then harder; settles when everything it started is gone. */
  kill(): Promise<void>;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The same with the output as it came; `isCut` when there was more than was asked for, which ends the program. */
export interface BytesResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly isCut: boolean;
}

export interface RunOptions {
  readonly command: readonly string[];
  readonly stdin?: string | Uint8Array;
  /** Added to the learner's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** One learner's confinement. Disposing of it ends every process in it. */
export interface Sandbox extends AsyncDisposable {
  readonly mode: SandboxMode;
  /** A program on a new terminal; by default a login shell. */
  open(
    size: TerminalSize,
    options?: {
      readonly command?: readonly string[];
      readonly env?: Readonly<Record<string, string>>;
      /** Put by the login shell into the marks of its prompts (protocol/shell-marks.ts). */
      readonly nonce?: string;
    },
  ): TerminalProcess;
  /** A program without a terminal, its whole output kept (limited). */
  run(options: RunOptions): Promise<RunResult>;
  /** A program whose output is bytes: an archive, a file. With more than `outputBytes` of it the program is ended. */
  runBytes(options: RunOptions & { readonly outputBytes: number }): Promise<BytesResult>;
  /** Listens on exact addresses inside the learner's network; entries that cannot be bound are left out with a reason. */
  listen(addresses: readonly ListenAddress[]): Promise<readonly ListenResult[]>;
}

export interface ListenAddress {
  readonly ip: string;
  readonly port: number;
  /** Default: TCP. */
  readonly protocol?: 'udp';
}

export type ListenResult =
  | { readonly ip: string; readonly port: number; readonly socket: Server }
  | { readonly ip: string; readonly port: number; readonly udp: UdpSocket }
  | { readonly ip: string; readonly port: number; readonly error: string };

export type SandboxMode = 'bwrap' | 'none';

export interface SandboxRequest {
  /** For the learner's shell. */
  readonly kubeconfig: string;
  readonly locale: Locale;
  /** Whether names are looked up, by the cluster's name server. Default: the shell knows none, as on a node. */
  readonly usesDns?: boolean;
}

/** Makes sandboxes of the mode found at start. */
export interface SandboxFactory extends AsyncDisposable {
  readonly mode: SandboxMode;
  /** What limits are in force, for the log and `/healthz`: `rlimits`, `cgroup v1` … */
  readonly limits: readonly string[];
  create(request: SandboxRequest): Promise<Sandbox>;
}
