/** kube-controller-manager and kube-scheduler: control loops that act as clients of the API server. */
import type { ClusterClient } from '../client/client.ts';
import type { Clock } from '../clock.ts';
import { EventRecorder } from './events.ts';
import { CONTROLLERS } from './registry.ts';
import { schedulerController } from './scheduler/scheduler.ts';

export { defaultStorageClass } from './volumes/default-storage-class.ts';

export interface ControllersOptions {
  /** The API as a component of that name. */
  readonly client: (name: string) => ClusterClient;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Addresses for Services of type LoadBalancer, in CIDR notation (/24 or smaller). */
  readonly loadBalancerRange: string;
  /** Told of each pass of a controller that ended in an error, before it is tried again. Default: nobody. */
  readonly onError?: (controller: string, key: string, error: unknown) => void;
}

/**
 * Starts every controller and the scheduler; disposing of the result stops them and waits for work in hand. A cluster
 * that is as wanted is left alone: nothing is written, and nothing runs until something changes.
 */
export function startControllers(options: ControllersOptions): AsyncDisposable {
  const { clock, random, loadBalancerRange } = options;
  const stack = new AsyncDisposableStack();
  for (const { name, start } of [...CONTROLLERS, schedulerController]) {
    const client = options.client(name);
    const events = stack.use(new EventRecorder({ client, clock, component: name }));
    const onError = (key: string, error: unknown) => options.onError?.(name, key, error);
    stack.use(start({ client, clock, random, events, loadBalancerRange, onError }));
  }
  return stack;
}
