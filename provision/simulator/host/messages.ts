import type { ExposedAddress, StartingState } from '../cluster.ts';

/** What the server tells a host process. `call` ties an answer to its question. */
export type HostRequest =
  | {
      readonly type: 'create';
      readonly call: number;
      readonly cluster: number;
      readonly startingState: StartingState;
      readonly snapshot?: Uint8Array;
    }
  /** Comes with the listening socket. */
  | {
      readonly type: 'serve';
      readonly call: number;
      readonly cluster: number;
      readonly address: ExposedAddress;
    }
  /** Comes with a socket, TCP or UDP, on which the name server is to answer. */
  | { readonly type: 'serve-dns'; readonly call: number; readonly cluster: number }
  | {
      readonly type: 'forward';
      readonly call: number;
      readonly cluster: number;
      readonly service: {
        readonly namespace: string;
        readonly name: string;
        readonly port: number;
      };
    }
  | { readonly type: 'snapshot'; readonly call: number; readonly cluster: number }
  | { readonly type: 'dispose'; readonly call: number; readonly cluster: number };

/** What a host process says. */
export type HostEvent =
  | { readonly type: 'answer'; readonly call: number; readonly value: HostAnswer }
  | { readonly type: 'refusal'; readonly call: number; readonly message: string }
  /** The cluster has been ended for an error in its work; the others of the process live on. */
  | { readonly type: 'lost'; readonly cluster: number; readonly message: string }
  | {
      readonly type: 'addresses';
      readonly cluster: number;
      readonly addresses: readonly ExposedAddress[];
    };

/** By the request's type: `create`, `forward`, `snapshot`; the others answer `done`. */
export type HostAnswer =
  | {
      readonly type: 'created';
      /** For the learner's shell, where the API server is https://172.30.1.2:6443. */
      readonly learnerKubeconfig: string;
      /** For the server, by a port of 127.0.0.1. */
      readonly serverKubeconfig: string;
    }
  | { readonly type: 'forwarded'; readonly port: number }
  | { readonly type: 'snapshot'; readonly data: Uint8Array }
  | { readonly type: 'done' };
