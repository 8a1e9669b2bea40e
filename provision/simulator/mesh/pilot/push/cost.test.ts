import assert from 'node:assert/strict';
import { test } from 'node:test';

import { partsOf } from '../../proxy/http/match.ts';
import { routeIndex } from '../../proxy/http/route-index.ts';
import { virtualHostFor } from '../../proxy/http/virtual-hosts.ts';
import { GATEWAY_NODE, LargeMesh, SIDECAR_NODE } from '../../testbed/large-mesh.ts';

const HOSTS = 200;

test('After a change of one VirtualService every other host keeps its routes; after one of endpoints all of them do', async () => {
  using mesh = new LargeMesh(HOSTS);
  const hostOf = (name: string) => {
    const routes = mesh.configuration(SIDECAR_NODE).routeConfiguration('80');
    const host = virtualHostFor(routes, name);
    assert.ok(host, `There is no host ${name}`);
    return host;
  };
  const before = ['svc-1', 'svc-2'].map((name) => routeIndex(hostOf(name)));
  await mesh.changeRoute(1);
  const after = ['svc-1', 'svc-2'].map((name) => routeIndex(hostOf(name)));
  assert.deepEqual([before[0] === after[0], before[1] === after[1]], [false, true]);
  const routes = mesh.configuration(GATEWAY_NODE).routeConfiguration('http.80');
  await mesh.changeEndpoint(2);
  assert.equal(mesh.configuration(GATEWAY_NODE).routeConfiguration('http.80'), routes);
  const cluster = 'outbound|80||svc-2.default.svc.cluster.local';
  assert.deepEqual(
    mesh
      .configuration(SIDECAR_NODE)
      .cluster(cluster)
      ?.endpoints.map(({ ip }) => ip),
    ['10.244.200.1'],
  );
});

test('A request of a gateway with hundreds of prefixes on one host finds its route by looking at a few', () => {
  using mesh = new LargeMesh(HOSTS);
  const routes = mesh.configuration(GATEWAY_NODE).routeConfiguration('http.80');
  const host = virtualHostFor(routes, 'shop.example');
  assert.ok(host);
  let looked = 0;
  // Every route is asked for what it says beside its path as often as it is looked at.
  const counted = host.routes.map((route) => ({
    ...route,
    match: {
      ...route.match,
      headers: [{ name: 'x-none', value: { exact: 'x' }, isInverted: true }],
    },
  }));
  const request = mesh.request('shop.example', '/department/137/shoes');
  const headers = {
    get: (name: string) => {
      if (name === 'x-none') looked++;
      return request.headers.get(name);
    },
  };
  const index = routeIndex({ ...host, routes: counted });
  const found = index.find(
    partsOf({ ...request, headers: Object.assign(request.headers.clone(), headers) }),
  );
  assert.deepEqual([found?.match.path.value, looked], ['/department/137/', 1]);
});
