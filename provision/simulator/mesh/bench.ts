import { setTimeout } from 'node:timers/promises';

import { partsOf } from './proxy/http/match.ts';
import { routeIndex } from './proxy/http/route-index.ts';
import { virtualHostFor } from './proxy/http/virtual-hosts.ts';
import { GATEWAY_NODE, LargeMesh, SIDECAR_NODE } from './testbed/large-mesh.ts';
import { BOOKINFO_GATEWAY, GATEWAY_IP, plainClient, startMesh } from './testbed/mesh.ts';

const REQUESTS_AT_ONCE = 8;
const REQUESTS_ALONE = 200;
const WARM_UP_MS = 1_000;
const MEASURED_MS = 3_000;
/** istiod comes up, proxies hear from it, the gateway opens its port. */
const START_LIMIT_MS = 10_000;

/** How fast the mesh is on one core. */
export interface MeshMeasurement {
  /** Product pages a second through the gateway and the sidecars of Bookinfo's pods, in memory, access logs on. */
  readonly pagesPerSecond: number;
  /** Median time of one page with nothing else going on, in milliseconds. */
  readonly pageMs: number;
  /** What one proxy on the way of a request takes: the gateway, before a server with a sidecar; median, in microseconds. */
  readonly hopUs: number;
}

/** Measures product pages through gateway and sidecars (DESIGN.md, section 14); takes about five seconds. */
export async function measureMesh(): Promise<MeshMeasurement> {
  using testbed = startMesh({ accessLogFile: '/dev/stdout' });
  for (const object of BOOKINFO_GATEWAY) testbed.tables.put(object);
  const client = plainClient(testbed);
  const page = () => testbed.get(client, `http://${GATEWAY_IP}/productpage`);
  await untilAnswered(page);
  await run(page, WARM_UP_MS);
  testbed.logs.clear();
  const pages = await run(page, MEASURED_MS);
  const pageMs = await medianMs(page);
  const products = (host: string) => () => testbed.get(client, `http://${host}/api/v1/products`);
  const throughMs = await medianMs(products(GATEWAY_IP));
  const hopUs = (throughMs - (await medianMs(products('productpage:9080')))) * 1_000;
  return { pagesPerSecond: (pages * 1_000) / MEASURED_MS, pageMs, hopUs };
}

/** Median time of one request of many, one after the other. */
async function medianMs(request: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < REQUESTS_ALONE; index++) {
    const startMs = performance.now();
    await request();
    times.push(performance.now() - startMs);
  }
  return times.toSorted((a, b) => a - b)[REQUESTS_ALONE / 2] ?? 0;
}

/** What routes cost in a mesh of so many VirtualServices. */
export interface RoutingMeasurement {
  readonly virtualServices: number;
  /** Finding the route of a request in a sidecar with so many hosts, in microseconds. */
  readonly sidecarUs: number;
  /** The same in a gateway with so many prefixes on one host. */
  readonly gatewayUs: number;
  /** Median from a changed VirtualService to the first routes found by it, in a sidecar and a gateway together, in milliseconds. */
  readonly changeMs: number;
}

const ROUTED_REQUESTS = 20_000;
const CHANGES = 9;

/** Measures what a request and a change cost with 10, 100 and 1,000 VirtualServices; takes about two seconds. */
export async function measureRouting(): Promise<readonly RoutingMeasurement[]> {
  const measured: RoutingMeasurement[] = [];
  for (const count of [10, 100, 1_000]) measured.push(await measureRoutes(count));
  return measured;
}

async function measureRoutes(count: number): Promise<RoutingMeasurement> {
  using mesh = new LargeMesh(count);
  const finders = () => {
    const sidecar = mesh.configuration(SIDECAR_NODE).routeConfiguration('80');
    const gateway = mesh.configuration(GATEWAY_NODE).routeConfiguration('http.80');
    const find = (routes: typeof sidecar, authority: string, path: string) => {
      const host = virtualHostFor(routes, authority);
      return host && routeIndex(host).find(partsOf(mesh.request(authority, path)));
    };
    return {
      sidecar: (n: number) => find(sidecar, `svc-${n % count}`, '/'),
      gateway: (n: number) => find(gateway, 'shop.example', `/department/${n % count}/shoes`),
    };
  };
  const changes: number[] = [];
  for (let change = 0; change < CHANGES; change++) {
    await mesh.changeRoute(change);
    const startMs = performance.now();
    const { sidecar, gateway } = finders();
    sidecar(change);
    gateway(change);
    changes.push(performance.now() - startMs);
  }
  const { sidecar, gateway } = finders();
  return {
    virtualServices: count,
    sidecarUs: microseconds(sidecar),
    gatewayUs: microseconds(gateway),
    changeMs: changes.toSorted((a, b) => a - b)[Math.floor(CHANGES / 2)] ?? 0,
  };
}

/** Microseconds of one look-up, once it has been done often. */
function microseconds(find: (n: number) => unknown): number {
  for (let n = 0; n < ROUTED_REQUESTS; n++) find(n);
  const startMs = performance.now();
  for (let n = 0; n < ROUTED_REQUESTS; n++) find(n);
  return ((performance.now() - startMs) * 1_000) / ROUTED_REQUESTS;
}

async function untilAnswered(page: () => Promise<{ readonly status: number }>): Promise<void> {
  const untilMs = performance.now() + START_LIMIT_MS;
  for (;;) {
    const status = await page().then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return;
    if (performance.now() > untilMs) {
      throw new Error(`Cannot measure the mesh: the gateway gave ${status} for the product page`);
    }
    // Not the cluster's clock: its timers do not keep a process alive.
    await setTimeout(50);
  }
}

/** Keeps some requests going for a while; how many were answered. */
async function run(page: () => Promise<unknown>, forMs: number): Promise<number> {
  const untilMs = performance.now() + forMs;
  let answered = 0;
  const one = async () => {
    while (performance.now() < untilMs) {
      await page();
      answered++;
      // Timers and other learners' work get their turn, as they do in a host process.
      if (answered % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, one));
  return answered;
}
