import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../../fake-clock.ts';
import type { Pod } from '../../kinds/types/core.ts';
import { FakeClusterClient } from '../../net/fake-cluster-client.ts';
import { HttpHeaders } from '../../net/http.ts';
import type { NetworkInterface, PodProxy } from '../../net/network.ts';
import { VirtualNetwork } from '../../net/virtual-network.ts';
import { Meter } from '../../node/metrics/meter.ts';
import { MeteredInterface } from '../../node/metrics/metered-interface.ts';
import { interceptionOf } from './interception.ts';

function podWith(args: readonly string[], name = 'istio-init'): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', uid: '1', resourceVersion: '1', creationTimestamp: '' },
    spec: { restartPolicy: 'Always', containers: [], initContainers: [{ name, image: 'x', args }] },
    status: {},
  };
}

const USUAL = ['istio-iptables', '-u', '1337', '-m', 'REDIRECT', '-i', '*', '-x', '', '-b', '*'];

test('the flags of istio-iptables say which ports and addresses go through the proxy', () => {
  const usual = interceptionOf(podWith([...USUAL, '-d', '15090,15021,15020,9999']));
  assert.deepEqual(
    [
      usual('inbound', 8080, '10.244.1.5'),
      usual('inbound', 15_021, '10.244.1.5'),
      usual('inbound', 9_999, '10.244.1.5'),
      usual('outbound', 443, '203.0.113.10'),
    ],
    [true, false, false, true],
  );
  const ranges = ['-i', '10.96.0.0/12', '-x', '10.97.0.0/16', '-b', '', '-o', '3306', '-q', '5432'];
  const some = interceptionOf(podWith(ranges, 'istio-validation'));
  assert.deepEqual(
    [
      some('outbound', 80, '10.96.0.1'),
      some('outbound', 80, '10.97.0.1'),
      some('outbound', 80, '203.0.113.10'),
      some('outbound', 3_306, '10.96.0.1'),
      some('outbound', 5_432, '203.0.113.10'),
      some('inbound', 8_080, '10.244.1.5'),
    ],
    [true, false, false, false, true, false],
  );
  assert.equal(interceptionOf(podWith([], 'other'))('outbound', 80, '10.96.0.1'), false);
});

const random = () => 0;
const unused = () => assert.fail('No byte stream is opened');

function answer(text: string) {
  return { status: 200, headers: new HttpHeaders(), body: Buffer.from(text) };
}

function listen(place: NetworkInterface, port: number, text: string): void {
  place.listen(port, { type: 'http', handle: async () => answer(text) });
}

test('what the user 1337 sends, loopback and excluded ports pass by the proxy', async () => {
  const clock = new FakeClock();
  using network = new VirtualNetwork({ client: new FakeClusterClient(), clock, random });
  const server = network.attach({ ip: '10.244.1.6', namespace: 'default', podName: 'server' });
  listen(server, 80, 'server');
  listen(server, 3_306, 'server');
  const pod = network.attach({ ip: '10.244.1.5', namespace: 'default', podName: 'client' });
  listen(pod, 8_080, 'self');
  const proxy: PodProxy = {
    intercepts: interceptionOf(podWith([...USUAL, '-o', '3306'])),
    outbound: async () => answer('proxy'),
    inbound: async () => answer('proxy'),
    outboundConnection: unused,
    inboundConnection: unused,
  };
  pod.intercept(proxy);
  const ask = async (uid: number, host: string, port: number) => {
    const asking = new MeteredInterface(pod, new Meter(clock), uid);
    const request = {
      method: 'GET',
      path: '/',
      authority: host,
      headers: new HttpHeaders(),
      body: new Uint8Array(),
    };
    return String((await asking.request({ host, port }, request)).body);
  };
  assert.deepEqual(
    [
      await ask(0, '10.244.1.6', 80),
      await ask(1_337, '10.244.1.6', 80),
      await ask(0, '10.244.1.6', 3_306),
      await ask(0, 'localhost', 8_080),
      await ask(0, '10.244.1.5', 8_080),
    ],
    ['proxy', 'server', 'server', 'self', 'self'],
  );
});
