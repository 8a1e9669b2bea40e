import { services } from '../kinds/resources.ts';
import type { Service } from '../kinds/types/core.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { enqueue, keyOf, runLoop, splitKey } from './controller.ts';
import type { WorkQueue } from './work-queue.ts';

/** How long an address takes, in milliseconds: long enough to see `<pending>`. */
const PROVISION_MS = 1_000;

/**
 * Gives Services of type LoadBalancer an address, as a cloud's controller would, and takes it back when they change.
 * An address is free as soon as no Service's status has it: nothing else remembers it.
 */
export const loadBalancerController: Controller = {
  name: 'service-controller',
  start(context) {
    /** When the address of each waiting Service is due. */
    const due = new Map<string, number>();
    return runLoop(context, {
      sync: (key, queue) => sync(context, key, { queue, due }),
      watch: (queue) => [context.client.watch(services, enqueue(queue))],
    });
  },
};

interface Waiting {
  readonly queue: WorkQueue;
  readonly due: Map<string, number>;
}

async function sync(context: ControllerContext, key: string, waiting: Waiting): Promise<void> {
  const { client } = context;
  const { namespace, name } = splitKey(key);
  const service = client.get(services, name, namespace);
  const isWanted = service !== undefined && wantsAddress(service);
  const hasAddress = service !== undefined && addressOf(service) !== undefined;
  if (isWanted === hasAddress) {
    waiting.due.delete(key);
    // Another may wait for the address that this one had.
    if (!service) retryWaiting(context, waiting);
    return;
  }
  if (isWanted) await provide(context, service, waiting);
  else if (service) await takeBack(context, service, waiting);
}

function wantsAddress({ spec, metadata }: Service): boolean {
  const isOurs = spec.type === 'LoadBalancer' && spec.loadBalancerClass === undefined;
  return isOurs && metadata.deletionTimestamp === undefined;
}

function addressOf({ status }: Service): string | undefined {
  return status?.loadBalancer?.ingress?.[0]?.ip;
}

async function provide(
  { client, clock, events, loadBalancerRange }: ControllerContext,
  service: Service,
  { queue, due }: Waiting,
): Promise<void> {
  const key = keyOf(service);
  const dueMs = due.get(key);
  if (dueMs === undefined) {
    due.set(key, clock.now() + PROVISION_MS);
    const message = 'Ensuring load balancer';
    events.record(service, { type: 'Normal', reason: 'EnsuringLoadBalancer', message });
  }
  const waitMs = (due.get(key) ?? 0) - clock.now();
  if (waitMs > 0) {
    queue.addAfter(key, waitMs);
    return;
  }
  const used = new Set(client.list(services).map(addressOf));
  const choice = chooseAddress(service.spec.loadBalancerIP, loadBalancerRange, used);
  if (choice.type === 'refused') {
    const message = `Error syncing load balancer: failed to ensure load balancer: ${choice.reason}`;
    events.record(service, { type: 'Warning', reason: 'SyncLoadBalancerFailed', message });
    return;
  }
  const status = { loadBalancer: { ingress: [{ ip: choice.ip, ipMode: 'VIP' }] } };
  await client.update(services, { ...service, status }, { subresource: 'status' });
  due.delete(key);
  const message = 'Ensured load balancer';
  events.record(service, { type: 'Normal', reason: 'EnsuredLoadBalancer', message });
}

async function takeBack(
  context: ControllerContext,
  service: Service,
  waiting: Waiting,
): Promise<void> {
  const { client, events } = context;
  const status = { loadBalancer: {} };
  await client.update(services, { ...service, status }, { subresource: 'status' });
  const message = 'Deleted load balancer';
  events.record(service, { type: 'Normal', reason: 'DeletedLoadBalancer', message });
  retryWaiting(context, waiting);
}

function retryWaiting({ clock }: ControllerContext, { queue, due }: Waiting): void {
  for (const [key, dueMs] of due) {
    if (dueMs <= clock.now()) queue.add(key);
  }
}

type Choice =
  | { readonly type: 'given'; readonly ip: string }
  | { readonly type: 'refused'; readonly reason: string };

function chooseAddress(
  wanted: string | undefined,
  range: string,
  used: ReadonlySet<string | undefined>,
): Choice {
  const addresses = addressesIn(range);
  if (wanted !== undefined && wanted !== '') {
    if (!addresses.includes(wanted)) {
      return { type: 'refused', reason: `the requested IP ${wanted} is not in ${range}` };
    }
    return used.has(wanted)
      ? { type: 'refused', reason: `the requested IP ${wanted} is already in use` }
      : { type: 'given', ip: wanted };
  }
  const ip = addresses.find((address) => !used.has(address));
  return ip === undefined
    ? { type: 'refused', reason: `no address is left in ${range}` }
    : { type: 'given', ip };
}

/** The host addresses of a range of at most 256: all but the first and the last. */
function addressesIn(range: string): readonly string[] {
  const [network = '', bits = '24'] = range.split('/');
  const parts = network.split('.').map(Number);
  const size = 2 ** (32 - Math.max(24, Number(bits)));
  const first = Math.floor((parts[3] ?? 0) / size) * size;
  const prefix = parts.slice(0, 3).join('.');
  return Array.from(
    { length: Math.max(0, size - 2) },
    (_, index) => `${prefix}.${first + index + 1}`,
  );
}
