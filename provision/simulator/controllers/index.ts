/** kube-controller-manager and kube-scheduler: control loops that act as clients of the API server. */
import type { ClusterClient } from '../client/client.ts';
import type { Clock } from '../clock.ts';
import { schedulerController } from '../node/scheduler.ts';
import { EventRecorder } from './event-recorder.ts';
import { CONTROLLERS } from './registry.ts';

export interface ControllersOptions {
  /** The API as a component of that name. */
  readonly client: (name: string) => ClusterClient;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Addresses for Services of type LoadBalancer, in CIDR notation (/24). */
  readonly loadBalancerRange: string;
}

/** Starts every controller and the scheduler; disposing of the result stops them. A cluster that is as wanted is left alone. */
export function startControllers({
  client,
  clock,
  random,
  loadBalancerRange,
}: ControllersOptions): Disposable {
  const stack = new DisposableStack();
  for (const controller of [...CONTROLLERS, schedulerController]) {
    const component =
      controller === schedulerController ? 'default-scheduler' : `${controller.name}-controller`;
    const own = client(component);
    const events = new EventRecorder(own, clock, component);
    stack.use(controller.start({ client: own, clock, random, events, loadBalancerRange }));
  }
  return stack;
}
