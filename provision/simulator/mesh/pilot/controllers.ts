import type { ClusterClient } from '../../client/client.ts';
import type { Clock } from '../../clock.ts';
import type { Discovery } from './discovery.ts';
import { GatewayApiController } from './gateway-api/controller.ts';
import { keepIngressStatus } from './ingress/status.ts';
import { AddressAllotment } from './registry/address-allotment.ts';
import { type Injector, injectionSettings } from './webhooks/injector-settings.ts';

export interface ControllersOptions {
  readonly client: ClusterClient;
  readonly clock: Clock;
  readonly discovery: Discovery;
  readonly injector: Injector;
  readonly log: (line: string) => void;
}

/** What istiod writes into the cluster by itself: gateways of the Gateway API, addresses of ServiceEntries and of Ingress objects. */
export function startControllers(options: ControllersOptions): Disposable {
  const { client, discovery, injector } = options;
  const stack = new DisposableStack();
  stack.use(new AddressAllotment(client, options.log));
  stack.use(keepIngressStatus(client, () => discovery.config, options.log));
  stack.use(
    new GatewayApiController({ ...options, settings: () => injectionSettings(client, injector) }),
  );
  return stack;
}
