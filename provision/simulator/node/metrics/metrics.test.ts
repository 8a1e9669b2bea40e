import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../../fake-clock.ts';
import type { Container } from '../../kinds/types/core.ts';
import { FakeClusterClient } from '../../net/fake-cluster-client.ts';
import { HttpHeaders, type HttpRequest, type HttpResponse } from '../../net/http.ts';
import { VirtualNetwork } from '../../net/virtual-network.ts';
import { usageOf } from './container-usage.ts';
import { Meter } from './meter.ts';
import { MeteredInterface } from './metered-interface.ts';

const PHP: Container = {
  name: 'php',
  image: 'registry.k8s.io/hpa-example',
  resources: { limits: { cpu: '500m', memory: '64Mi' } },
};

/** Whole thousandths of a core, without the unrest of single measurements. */
function milliCpu(
  requestsPerSecond: number,
  commands: readonly string[] = [],
  container = PHP,
): number {
  const processes = commands.map((command, index) => {
    return { pid: index + 1, user: 'root', command, startedMs: 0 };
  });
  const seeds = Array.from({ length: 200 }, (_, index) => index * 7);
  const all = seeds.map((seed) => usageOf({ container, requestsPerSecond, processes, seed }));
  const total = all.reduce((sum, { nanoCpu }) => sum + nanoCpu, 0);
  return Math.round(total / all.length / 1e6);
}

test('a Meter forgets: so many events in a second while they come, few a minute later, none in the end', async () => {
  const clock = new FakeClock();
  const meter = new Meter(clock);
  for (let tick = 0; tick < 600; tick++) {
    meter.count();
    await clock.advance(100);
  }
  const busy = meter.perSecond();
  await clock.advance(60_000);
  const quiet = meter.perSecond();
  await clock.advance(600_000);
  assert.deepEqual(
    [Math.round(busy), Math.round(quiet * 10), meter.perSecond() < 1e-9],
    [10, 2, true],
  );
  assert.equal(clock.waiting, 0);
});

test('usageOf() is small at rest, grows with requests, and never passes the limits', () => {
  const rested = milliCpu(0);
  const asked = milliCpu(20);
  const flooded = milliCpu(500);
  assert.deepEqual([rested, asked > 180 && asked < 220, flooded], [1, true, 500]);
  const { memoryBytes } = usageOf({
    container: PHP,
    requestsPerSecond: 500,
    processes: [],
    seed: 1,
  });
  assert.ok(memoryBytes < 64 * 1024 * 1024);
});

test('usageOf() knows command lines that keep a core busy from those that only wait', () => {
  const container = { name: 'c', image: 'busybox' };
  const isBusy = (command: string) => milliCpu(0, ['sleep 1d', command], container) > 900;
  assert.deepEqual(
    ['yes > /dev/null', "sh -c 'while true; do :; done'", 'stress --cpu 1', 'cat /dev/zero'].map(
      isBusy,
    ),
    [true, true, true, true],
  );
  assert.deepEqual(
    [
      'sh -c while true; do sleep 1; done',
      'sh',
      'echo yesterday',
      'wget -qO- http://yes.example',
    ].map(isBusy),
    [false, false, false, false],
  );
});

async function handle(): Promise<HttpResponse> {
  return { status: 200, headers: new HttpHeaders(), body: new Uint8Array() };
}

test('a MeteredInterface counts what a container serves and sends, and nothing of its neighbours', async () => {
  const clock = new FakeClock();
  const network = new VirtualNetwork({ client: new FakeClusterClient(), clock, random: () => 0 });
  const pod = network.attach({ ip: '10.244.1.5', namespace: 'default', podName: 'web' });
  const caller = network.attach({ ip: '10.244.1.6', namespace: 'default', podName: 'caller' });
  const meters = { web: new Meter(clock), sidecar: new Meter(clock), caller: new Meter(clock) };
  new MeteredInterface(pod, meters.web).listen(80, { type: 'http', handle });
  new MeteredInterface(pod, meters.sidecar).listen(15_021, { type: 'http', handle });
  const sending = new MeteredInterface(caller, meters.caller);
  const request: HttpRequest = {
    method: 'GET',
    path: '/',
    authority: 'web',
    headers: new HttpHeaders(),
    body: new Uint8Array(),
  };
  for (let count = 0; count < 3; count++)
    await sending.request({ host: pod.ip, port: 80 }, request);
  const counts = Object.values(meters).map((meter) => Math.round(meter.perSecond() * 15));
  assert.deepEqual(counts, [3, 0, 3]);
});

test('a MeteredInterface keeps what a proxy answers DNS with, and how long it waits for a connection', async () => {
  const clock = new FakeClock();
  using network = new VirtualNetwork({ client: new FakeClusterClient(), clock, random: () => 0 });
  const pod = network.attach({ ip: '10.244.1.5', namespace: 'default', podName: 'web-1' });
  const waited: (number | undefined)[] = [];
  const inner = Object.assign(pod, {
    deliver: (...[, , , connectTimeoutMs]: Parameters<typeof pod.deliver>) => {
      waited.push(connectTimeoutMs);
      return Promise.reject(new Error('Nobody is there'));
    },
  });
  const metered = new MeteredInterface(inner, new Meter(clock));
  metered.intercept({
    addresses: (host) => (host === 'made-up.example' ? ['240.240.0.1'] : undefined),
    intercepts: () => false,
    outbound: () => assert.fail('Nothing passes the proxy'),
    inbound: () => assert.fail('Nothing passes the proxy'),
    outboundConnection: () => assert.fail('Nothing passes the proxy'),
    inboundConnection: () => assert.fail('Nothing passes the proxy'),
  });
  const request = {
    method: 'GET',
    path: '/',
    authority: 'web',
    headers: new HttpHeaders(),
    body: new Uint8Array(),
  };
  await assert.rejects(metered.deliver({ ip: '10.244.1.6', port: 80 }, request, {}, 500));
  assert.deepEqual(
    [await pod.lookUp('made-up.example'), await pod.lookUp('other.example'), waited],
    [['240.240.0.1'], [], [500]],
  );
});
