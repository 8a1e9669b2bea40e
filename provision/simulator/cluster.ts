import type { Socket as UdpSocket } from 'node:dgram';
import type { Server } from 'node:net';

/** What a cluster starts with, beside Kubernetes itself. */
export interface StartingState {
  readonly istio: 'none' | 'minimal' | 'default' | 'demo';
  /** Namespace `default` labelled for injection and Bookinfo running, with its gateway. */
  readonly hasBookinfo: boolean;
  /** Worker nodes beside the control plane; 0 leaves pods Pending. Default 1. */
  readonly workers?: number;
}

/** An address and port that the cluster answers on, outside its own network: API server, Services, node ports, load balancers. */
export interface ExposedAddress {
  readonly ip: string;
  readonly port: number;
}

/** A simulated cluster in this process. */
export interface SimulatedCluster extends AsyncDisposable {
  /**
   * Kubeconfig of a cluster administrator (PEM data inline).
   * @param server the API server's address as its user sees it; 172.30.1.2, 127.0.0.1 and localhost are in its certificate
   */
  kubeconfig(server: string): string;
  /** Every (ip, port) that must be reachable from the learner's shell, now; changes are told to `listener`. */
  watchAddresses(listener: (addresses: readonly ExposedAddress[]) => void): Disposable;
  /** Answers for `address` on a socket that already listens; closing the socket is the caller's. */
  serve(address: ExposedAddress, socket: Server): void;
  /** Answers for the names of the cluster on a socket that is bound already; closing it is the caller's. */
  serveDns(socket: Server | UdpSocket): void;
  /** The cluster IP of a Service; undefined when there is none. */
  serviceIp(namespace: string, name: string): string | undefined;
  /** Everything needed to bring the cluster back with `restoreCluster`: objects, keys, containers' files. */
  snapshot(): Uint8Array;
}
