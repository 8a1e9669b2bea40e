import { services } from '../kinds/resources.ts';
import type { Service } from '../kinds/types/core.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { keyOf, splitKey, WorkQueue } from './work-queue.ts';

/** How long the address of a load balancer takes: long enough to see `<pending>`. */
const PROVISION_MS = 1_000;

/** Gives Services of type LoadBalancer an address of their own, and takes it back. */
export const loadBalancerController: Controller = {
  name: 'service-lb',
  start(context) {
    const { client, clock } = context;
    const stack = new DisposableStack();
    const queue = stack.use(new WorkQueue(clock, (key) => reconcile(context, key)));
    stack.use(
      client.watch(services, ({ type, object }) => {
        if (type === 'DELETED') return;
        const hasAddress = addressOf(object) !== undefined;
        const wantsAddress = object.spec.type === 'LoadBalancer';
        if (wantsAddress && !hasAddress) queue.addAfter(keyOf(object), PROVISION_MS);
        else if (!wantsAddress && hasAddress) queue.add(keyOf(object));
      }),
    );
    return stack;
  },
};

async function reconcile(
  { client, events, loadBalancerRange }: ControllerContext,
  key: string,
): Promise<void> {
  const { namespace, name } = splitKey(key);
  const service = client.get(services, name, namespace);
  if (!service) return;
  const wantsAddress = service.spec.type === 'LoadBalancer';
  if (wantsAddress === (addressOf(service) !== undefined)) return;
  if (!wantsAddress) {
    await client.update(
      services,
      { ...service, status: { loadBalancer: {} } },
      { subresource: 'status' },
    );
    return;
  }
  events.record(service, {
    type: 'Normal',
    reason: 'EnsuringLoadBalancer',
    message: 'Ensuring load balancer',
  });
  const used = new Set(client.list(services).map(addressOf));
  const wanted = service.spec.loadBalancerIP;
  const ip =
    wanted !== undefined && !used.has(wanted) ? wanted : firstFree(loadBalancerRange, used);
  if (ip === undefined) {
    const message = `Error syncing load balancer: no address is left in ${loadBalancerRange}`;
    events.record(service, { type: 'Warning', reason: 'SyncLoadBalancerFailed', message });
    return;
  }
  const status = { loadBalancer: { ingress: [{ ip, ipMode: 'VIP' }] } };
  await client.update(services, { ...service, status }, { subresource: 'status' });
  events.record(service, {
    type: 'Normal',
    reason: 'EnsuredLoadBalancer',
    message: 'Ensured load balancer',
  });
}

function addressOf({ status }: Service): string | undefined {
  return status?.loadBalancer?.ingress?.[0]?.ip;
}

/** The lowest address of a /24 that nobody has, from .1 on. */
function firstFree(range: string, used: ReadonlySet<string | undefined>): string | undefined {
  const prefix = range.split('/')[0]?.split('.').slice(0, 3).join('.') ?? '';
  for (let last = 1; last < 255; last++) {
    const ip = `${prefix}.${last}`;
    if (!used.has(ip)) return ip;
  }
  return undefined;
}
