import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../../../fake-clock.ts';
import { pods } from '../../../kinds/resources.ts';
import { HttpHeaders } from '../../../net/http.ts';
import { ISTIO_VERSION } from '../../../versions.ts';
import { Tables } from '../../testbed/tables.ts';
import { Discovery } from '../discovery.ts';
import { nodeOf } from '../node.ts';
import { debugHandler } from './handler.ts';

const IP = '10.244.1.9';

/** istiod's pages for a mesh of one Service, one policy and one connected proxy. */
function pages() {
  const clock = new FakeClock();
  const tables = new Tables();
  tables.put({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { clusterIP: '10.96.0.7', ports: [{ name: 'http', port: 80 }] },
  });
  tables.put({
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name: 'nothing', namespace: 'shop' },
    spec: {},
  });
  tables.put({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio', namespace: 'istio-system' },
    data: { mesh: 'accessLogFile: /dev/stdout' },
  });
  const discovery = new Discovery({
    client: tables,
    clock,
    istioNamespace: 'istio-system',
    revision: 'default',
  });
  tables.put({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { containers: [] },
    status: { phase: 'Running', podIP: IP },
  });
  const pod = tables.get(pods, 'web', 'shop');
  if (!pod) throw new Error('The pod is not in the tables');
  const node = nodeOf(pod, 'sidecar', IP);
  discovery.subscribe({ node, onConfiguration: () => undefined, onClose: () => undefined });
  const handle = debugHandler({ discovery, clusterId: 'Kubernetes', injector: () => undefined });
  const ask = async (path: string) => {
    const { status, body } = await handle({
      method: 'GET',
      path,
      authority: 'istiod',
      headers: new HttpHeaders(),
      body: new Uint8Array(),
    });
    return { status, text: Buffer.from(body).toString() };
  };
  return {
    ask,
    json: async (path: string) => JSON.parse((await ask(path)).text),
    nowMs: clock.now(),
    [Symbol.dispose]: () => discovery[Symbol.dispose](),
  };
}

test('/debug/syncz lists each proxy with what it was sent and has taken', async () => {
  using istiod = pages();
  const [status, ...others] = await istiod.json('/debug/syncz');
  const { cluster_sent: nonce, resources, ...rest } = status;
  const resource = { sent: nonce, acked: nonce, sent_time: new Date(istiod.nowMs).toISOString() };
  assert.deepEqual(others, []);
  assert.deepEqual(rest, {
    cluster_id: 'Kubernetes',
    proxy: 'web.shop',
    proxy_type: 'sidecar',
    istio_version: ISTIO_VERSION,
    cluster_acked: nonce,
    listener_sent: nonce,
    listener_acked: nonce,
    route_sent: nonce,
    route_acked: nonce,
    endpoint_sent: nonce,
    endpoint_acked: nonce,
  });
  assert.deepEqual(Object.values(resources), [resource, resource, resource, resource]);
  assert.deepEqual(await istiod.json('/debug/syncz?namespace=other'), []);
});

test('the debug pages tell what istiod knows: objects, services, policies, the mesh', async () => {
  using istiod = pages();
  const policies = await istiod.json('/debug/authorizationz');
  assert.deepEqual(policies, {
    authorization_policies: {
      namespace_to_policies: {
        shop: [{ name: 'nothing', namespace: 'shop', annotations: null, spec: {} }],
      },
      root_namespace: 'istio-system',
    },
  });
  const [policy] = await istiod.json('/debug/configz');
  assert.equal(policy.kind, 'AuthorizationPolicy');
  const [service] = await istiod.json('/debug/registryz');
  assert.equal(service.hostname, 'web.shop.svc.cluster.local');
  assert.deepEqual(await istiod.json('/debug/mesh'), {
    accessLogFile: '/dev/stdout',
    rootNamespace: 'istio-system',
    trustDomain: 'cluster.local',
  });
  const shards = await istiod.json('/debug/endpointz');
  assert.deepEqual(Object.keys(shards), ['web.shop.svc.cluster.local']);
  assert.equal((await istiod.json('/debug/connections')).totalClients, 1);
});

test('/debug/config_dump shows what one proxy was sent, and asks which', async () => {
  using istiod = pages();
  const { configs } = await istiod.json('/debug/config_dump?proxyID=web.shop');
  const types = configs.map((part: { readonly '@type': string }) => part['@type']);
  assert.deepEqual(
    types.map((type: string) => type.replace('type.googleapis.com/envoy.admin.v3.', '')),
    ['ClustersConfigDump', 'ListenersConfigDump', 'RoutesConfigDump'],
  );
  assert.deepEqual(await istiod.ask('/debug/config_dump'), {
    status: 400,
    text: 'You must provide a proxyID in the query string\n',
  });
  assert.deepEqual(await istiod.ask('/debug/config_dump?proxyID=gone.shop'), {
    status: 404,
    text: 'Proxy not connected to this Pilot instance. It may be connected to another instance.\n',
  });
});

test('/debug lists the pages, and a page that is not there answers 404 as Go does', async () => {
  using istiod = pages();
  assert.ok((await istiod.json('/debug/list')).includes('syncz'));
  assert.match((await istiod.ask('/debug')).text, /href='\/debug\/syncz'/);
  assert.deepEqual(await istiod.ask('/debug/krtz'), { status: 404, text: '404 page not found\n' });
  assert.deepEqual(await istiod.ask('/debug/inject'), { status: 404, text: '' });
});
