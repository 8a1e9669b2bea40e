import assert from 'node:assert/strict';
import { test } from 'node:test';

import { services } from '../kinds/resources.ts';
import { FakeCluster } from './fake-cluster.ts';
import { loadBalancerController } from './load-balancer.ts';

async function addService(cluster: FakeCluster, name: string, spec = {}): Promise<void> {
  await cluster.create(services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { type: 'LoadBalancer', ...spec },
    status: { loadBalancer: {} },
  });
}

function addresses(cluster: FakeCluster): readonly (string | undefined)[] {
  return cluster.list(services).map(({ status }) => status?.loadBalancer?.ingress?.[0]?.ip);
}

test('a Service of type LoadBalancer gets an address after a second, with the events of a cloud', async () => {
  await using cluster = new FakeCluster();
  await addService(cluster, 'web');
  await cluster.run(loadBalancerController);
  await cluster.clock.advance(999);
  assert.deepEqual(addresses(cluster), [undefined]);
  await cluster.clock.advance(1);
  assert.deepEqual(cluster.get(services, 'web', 'default')?.status, {
    loadBalancer: { ingress: [{ ip: '172.30.255.1', ipMode: 'VIP' }] },
  });
  assert.deepEqual(cluster.eventTexts(), [
    'Normal EnsuringLoadBalancer web: Ensuring load balancer',
    'Normal EnsuredLoadBalancer web: Ensured load balancer',
  ]);
});

test('addresses differ, a wanted one is given when it is free, and one that is given back is used again', async () => {
  await using cluster = new FakeCluster();
  for (const name of ['a', 'b']) await addService(cluster, name);
  await addService(cluster, 'c', { loadBalancerIP: '172.30.255.200' });
  await addService(cluster, 'd', { loadBalancerIP: '192.0.2.1' });
  await cluster.run(loadBalancerController);
  await cluster.clock.advance(1_000);
  assert.deepEqual(addresses(cluster), [
    '172.30.255.1',
    '172.30.255.2',
    '172.30.255.200',
    undefined,
  ]);
  assert.ok(
    cluster
      .eventTexts()
      .includes(
        'Warning SyncLoadBalancerFailed d: Error syncing load balancer: failed to ensure load balancer: the requested IP 192.0.2.1 is not in 172.30.255.0/24',
      ),
  );
  const a = cluster.get(services, 'a', 'default') ?? assert.fail();
  await cluster.update(services, { ...a, spec: { type: 'ClusterIP' } });
  await cluster.clock.advance(0);
  await addService(cluster, 'e');
  await cluster.clock.advance(1_000);
  assert.deepEqual(addresses(cluster), [
    undefined,
    '172.30.255.2',
    '172.30.255.200',
    undefined,
    '172.30.255.1',
  ]);
});

test('a Service of another class of load balancers is left alone', async () => {
  await using cluster = new FakeCluster();
  await addService(cluster, 'web', { loadBalancerClass: 'example.com/own' });
  await cluster.run(loadBalancerController);
  await cluster.clock.advance(10_000);
  assert.deepEqual(addresses(cluster), [undefined]);
});
