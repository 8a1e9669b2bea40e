import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { JsonObject } from '../../kinds/object.ts';
import { endpoints, endpointSlices, pods, services } from '../../kinds/resources.ts';
import { FakeCluster, readyStatus } from '../fake-cluster.ts';
import { endpointSliceController } from './endpoint-slices.ts';
import { endpointsController } from './endpoints.ts';
import { endpointSliceMirroringController } from './mirrored-slices.ts';

const NOW = '2026-01-01T00:00:00Z';

async function clusterWith(spec: JsonObject): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  await cluster.create(services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
    spec: { type: 'ClusterIP', clusterIP: '10.96.1.1', ...spec },
  });
  return cluster;
}

/** A pod `name` on node01 with a port named `http`; without an address it has not started. */
async function addPod(
  cluster: FakeCluster,
  name: string,
  options: { readonly ip?: string; readonly isReady?: boolean; readonly port?: number } = {},
) {
  const { ip, isReady = true, port = 8080 } = options;
  const pod = await cluster.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: 'web' } },
    spec: {
      nodeName: 'node01',
      containers: [{ name: 'web', image: 'nginx', ports: [{ name: 'http', containerPort: port }] }],
    },
  });
  if (ip === undefined) return pod;
  const status = isReady ? readyStatus(ip, NOW) : { phase: 'Running', podIP: ip };
  await cluster.reportPod(pod, status);
  return pod;
}

const SPEC = {
  selector: { app: 'web' },
  ports: [{ name: 'web', port: 80, targetPort: 'http', protocol: 'TCP', appProtocol: 'http' }],
};

function target(name: string, uid: string) {
  return { kind: 'Pod', namespace: 'default', name, uid };
}

test('Endpoints name ready and other pods with the number behind a named port', async () => {
  await using cluster = await clusterWith(SPEC);
  const a = await addPod(cluster, 'a', { ip: '10.244.1.3' });
  const b = await addPod(cluster, 'b', { ip: '10.244.1.2', isReady: false });
  await addPod(cluster, 'c');
  await cluster.run(endpointsController);
  const found = cluster.get(endpoints, 'web', 'default');
  assert.deepEqual(found?.metadata.labels, {
    app: 'web',
    'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
  });
  assert.deepEqual(found.subsets, [
    {
      addresses: [{ ip: '10.244.1.3', nodeName: 'node01', targetRef: target('a', a.metadata.uid) }],
      notReadyAddresses: [
        { ip: '10.244.1.2', nodeName: 'node01', targetRef: target('b', b.metadata.uid) },
      ],
      ports: [{ name: 'web', port: 8080, protocol: 'TCP', appProtocol: 'http' }],
    },
  ]);
});

test('Endpoints leave a terminating pod out, an EndpointSlice says that it terminates', async () => {
  await using cluster = await clusterWith(SPEC);
  const pod = await addPod(cluster, 'a', { ip: '10.244.1.3' });
  await cluster.run(endpointsController);
  await cluster.run(endpointSliceController);
  await cluster.delete(pods, pod.metadata);
  await cluster.clock.advance(0);
  assert.equal(cluster.get(endpoints, 'web', 'default')?.subsets, undefined);
  const [slice] = cluster.list(endpointSlices);
  assert.deepEqual(slice?.endpoints, [
    {
      addresses: ['10.244.1.3'],
      conditions: { ready: false, serving: true, terminating: true },
      nodeName: 'node01',
      targetRef: target('a', pod.metadata.uid),
    },
  ]);
});

test('an EndpointSlice carries the labels, ports and owner that kube-proxy and Istio look for', async () => {
  await using cluster = await clusterWith({ ...SPEC, clusterIP: 'None' });
  const service = cluster.get(services, 'web', 'default') ?? assert.fail();
  const pod = await addPod(cluster, 'a', { ip: '10.244.1.3' });
  await cluster.run(endpointSliceController);
  const [slice = assert.fail()] = cluster.list(endpointSlices);
  const { metadata, ...content } = slice;
  assert.match(metadata.name, /^web-.{5}$/);
  assert.deepEqual(metadata.labels, {
    app: 'web',
    'kubernetes.io/service-name': 'web',
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    'service.kubernetes.io/headless': '',
  });
  assert.equal(metadata.ownerReferences?.[0]?.uid, service.metadata.uid);
  assert.deepEqual(content, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    addressType: 'IPv4',
    endpoints: [
      {
        addresses: ['10.244.1.3'],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: 'node01',
        targetRef: target('a', pod.metadata.uid),
      },
    ],
    ports: [{ name: 'web', port: 8080, protocol: 'TCP', appProtocol: 'http' }],
  });
});

test('pods with different numbers behind one port name come in subsets and slices of their own', async () => {
  await using cluster = await clusterWith(SPEC);
  await addPod(cluster, 'a', { ip: '10.244.1.3' });
  await addPod(cluster, 'b', { ip: '10.244.1.4', port: 9090 });
  await cluster.run(endpointsController);
  await cluster.run(endpointSliceController);
  const subsets = cluster.get(endpoints, 'web', 'default')?.subsets ?? [];
  assert.deepEqual(
    subsets.map(({ addresses, ports }) => [addresses?.[0]?.ip, ports?.[0]?.port]),
    [
      ['10.244.1.3', 8080],
      ['10.244.1.4', 9090],
    ],
  );
  assert.deepEqual(
    cluster
      .list(endpointSlices)
      .map((slice) => [slice.endpoints[0]?.addresses, slice.ports?.[0]?.port]),
    [
      [['10.244.1.3'], 8080],
      [['10.244.1.4'], 9090],
    ],
  );
});

test('publishNotReadyAddresses makes every pod with an address an endpoint', async () => {
  await using cluster = await clusterWith({ ...SPEC, publishNotReadyAddresses: true });
  await addPod(cluster, 'a', { ip: '10.244.1.3', isReady: false });
  await cluster.run(endpointsController);
  await cluster.run(endpointSliceController);
  const [subset] = cluster.get(endpoints, 'web', 'default')?.subsets ?? [];
  assert.deepEqual(
    subset?.addresses?.map(({ ip }) => ip),
    ['10.244.1.3'],
  );
  assert.deepEqual(cluster.list(endpointSlices)[0]?.endpoints[0]?.conditions, {
    ready: true,
    serving: false,
    terminating: false,
  });
});

test('more than a hundred pods fill several slices', async () => {
  await using cluster = await clusterWith(SPEC);
  for (let index = 0; index < 150; index++) {
    await addPod(cluster, `p${index}`, { ip: `10.244.1.${index}` });
  }
  await cluster.run(endpointSliceController);
  const sizes = () => cluster.list(endpointSlices).map(({ endpoints: all }) => all.length);
  assert.deepEqual(sizes(), [100, 50]);
});

test('the endpoints of a Service without a selector are left to whoever made them', async () => {
  await using cluster = await clusterWith({ ports: [{ port: 80 }] });
  await cluster.create(endpoints, {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'web', namespace: 'default' },
    subsets: [{ addresses: [{ ip: '192.0.2.1' }] }],
  });
  cluster.writes.length = 0;
  await cluster.run(endpointsController);
  await cluster.run(endpointSliceController);
  await cluster.delete(services, { name: 'web', namespace: 'default' });
  await cluster.clock.advance(0);
  assert.deepEqual(cluster.writes, ['delete services default/web']);
});

test('the endpoints of a deleted Service go with it', async () => {
  await using cluster = await clusterWith(SPEC);
  await addPod(cluster, 'a', { ip: '10.244.1.3' });
  await cluster.run(endpointsController);
  await cluster.run(endpointSliceController);
  await cluster.delete(services, { name: 'web', namespace: 'default' });
  await cluster.clock.advance(0);
  assert.deepEqual([cluster.list(endpoints), cluster.list(endpointSlices)], [[], []]);
});

test('Endpoints that somebody wrote for a Service without a selector are mirrored, until they are gone', async () => {
  await using cluster = await clusterWith({ ports: [{ port: 80, protocol: 'TCP' }] });
  const written = await cluster.create(endpoints, {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'web', namespace: 'default', labels: { team: 'a' } },
    subsets: [
      {
        addresses: [{ ip: '192.0.2.1' }],
        notReadyAddresses: [{ ip: '192.0.2.2' }],
        ports: [{ port: 8080, protocol: 'TCP' }],
      },
    ],
  });
  await cluster.run(endpointsController);
  await cluster.run(endpointSliceController);
  await cluster.run(endpointSliceMirroringController);
  const [slice = assert.fail()] = cluster.list(endpointSlices);
  const { metadata, ...content } = slice;
  assert.deepEqual(
    [metadata.labels, metadata.ownerReferences?.[0]?.uid],
    [
      {
        team: 'a',
        'kubernetes.io/service-name': 'web',
        'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
      },
      written.metadata.uid,
    ],
  );
  assert.deepEqual(content, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    addressType: 'IPv4',
    endpoints: [
      { addresses: ['192.0.2.1'], conditions: { ready: true } },
      { addresses: ['192.0.2.2'], conditions: { ready: false } },
    ],
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
  });
  await cluster.delete(endpoints, written.metadata);
  await cluster.clock.advance(0);
  assert.deepEqual(cluster.list(endpointSlices), []);
});
