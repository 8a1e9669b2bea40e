import type { ClusterClient } from '../client/client.ts';
import type { Clock } from '../clock.ts';
import type { EventRecorder } from './event-recorder.ts';

/** What every controller works with. */
export interface ControllerContext {
  readonly client: ClusterClient;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly events: EventRecorder;
  /** Addresses for Services of type LoadBalancer, in CIDR notation. */
  readonly loadBalancerRange: string;
}

/** One control loop: watches what concerns it and brings the cluster nearer to what is wanted, until disposed of. */
export interface Controller {
  /** As in kube-controller-manager's `--controllers`. */
  readonly name: string;
  readonly start: (context: ControllerContext) => Disposable;
}
