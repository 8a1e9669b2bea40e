import type { Socket as UdpSocket } from 'node:dgram';
import type { Server } from 'node:net';

/** What a lab's cluster must hold before the learner sees it. */
export interface StartingState {
  readonly istio: 'none' | 'minimal' | 'default' | 'demo';
  readonly hasBookinfo: boolean;
}

export interface ClusterRequest {
  readonly startingState: StartingState;
  /** A snapshot of an earlier cluster to go on with; the starting state is then only for the record. */
  readonly snapshot?: Uint8Array;
}

/** An address the learner's shell must reach. */
export interface ExposedAddress {
  readonly ip: string;
  readonly port: number;
}

export interface ServicePort {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** A cluster of one learner, wherever it runs. Disposing of it gives it back. */
export interface Cluster extends AsyncDisposable {
  readonly isSimulated: boolean;
  /** For the learner's shell, where the API server has the address the cluster itself knows. */
  readonly learnerKubeconfig: string;
  /** For this server: verifiers and watches. Never shown to a learner. */
  readonly serverKubeconfig: string;
  /** All addresses now, then again after each change. */
  watchAddresses(listener: (addresses: readonly ExposedAddress[]) => void): Disposable;
  /** Hands over a socket that listens on `address` in the learner's network namespace; the cluster closes it when the address goes. */
  serve(address: ExposedAddress, socket: Server): Promise<void>;
  /** Where the name server answers in a learner's network, on port 53; undefined where there is none for learners. */
  readonly dnsIp: string | undefined;
  /** Hands over a socket on which the cluster's name server answers; the cluster closes it at its end. */
  serveDns(socket: Server | UdpSocket): Promise<void>;
  /** A port on this machine's 127.0.0.1 that leads to a port of a Service, for previews; rejects when there is no such Service. */
  forward(service: ServicePort): Promise<number>;
  /** Everything needed to go on later; undefined where the provider keeps clusters itself. */
  snapshot(): Promise<Uint8Array | undefined>;
  /** Told once when the cluster is lost without having been disposed of. */
  onLost(listener: (error: Error) => void): void;
}

/** A way to get clusters. */
export interface Provider extends AsyncDisposable {
  readonly name: string;
  readonly isSimulated: boolean;
  create(request: ClusterRequest): Promise<Cluster>;
}
