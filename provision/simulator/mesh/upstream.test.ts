import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { NewObject } from '../client/client.ts';
import { HttpHeaders, type HttpRequest, type HttpResponse } from '../net/http.ts';
import { plainClient, routesFor } from './testbed/mesh.ts';
import { seededRandom } from './testbed/seeded-random.ts';
import { httpServer, meshService, startSmallMesh } from './testbed/small-mesh.ts';

const toWeb = { route: [{ destination: { host: 'web' } }] };

function answer(status: number, body = ''): HttpResponse {
  return { status, headers: new HttpHeaders(), body: Buffer.from(body) };
}

function policy(trafficPolicy: object): NewObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'web', namespace: 'default' },
    spec: { host: 'web', trafficPolicy },
  };
}

/** A mesh with one server that answers with the statuses given, one after the other, and what it has been asked. */
async function startWeb(statuses: readonly number[] = []) {
  const seen: HttpRequest[] = [];
  const server = httpServer('web', async (request) => {
    seen.push(request);
    return answer(statuses[seen.length - 1] ?? 200);
  });
  const mesh = await startSmallMesh([server]);
  const statistic = async (name: string) => {
    const { body } = await mesh.get('http://localhost:15000/stats');
    const values = new RegExp(`\\|\\|web\\.\\S*;\\.${name}: (\\d+)`).exec(
      Buffer.from(body).toString(),
    );
    return Number(values?.[1]);
  };
  return { mesh, seen, statistic };
}

test('An application asks its sidecar for retries by header; each try is numbered for the server, and counted', async () => {
  const { mesh, seen, statistic } = await startWeb([500, 500]);
  using _ = mesh.testbed;
  const asked = mesh.get('http://web/', {
    'x-envoy-retry-on': '5xx',
    'x-envoy-max-retries': '3',
    'x-envoy-upstream-rq-timeout-ms': '9000',
  });
  await mesh.clock.advance(1_000);
  const names = ['x-envoy-attempt-count', 'x-envoy-expected-rq-timeout-ms', 'x-envoy-retry-on'];
  assert.deepEqual(
    [(await asked).status, ...seen.map(({ headers }) => names.map((name) => headers.get(name)))],
    [200, ['1', '9000', undefined], ['2', '9000', undefined], ['3', '9000', undefined]],
  );
  assert.deepEqual(
    [
      await statistic('upstream_rq_retry'),
      await statistic('upstream_rq_retry_success'),
      await statistic('upstream_rq_total'),
      await statistic('upstream_rq_2xx'),
    ],
    [2, 1, 3, 1],
  );
});

test('A try that takes too long is followed by others, and in the end answered 504 UT,URX', async () => {
  const slow = httpServer('web', () => new Promise(() => undefined));
  const mesh = await startSmallMesh([slow]);
  using _ = mesh.testbed;
  const retries = { attempts: 2, perTryTimeout: '1s', retryOn: '5xx' };
  await mesh.put(routesFor('web', [{ ...toWeb, retries }]));
  const asked = mesh.get('http://web/');
  await mesh.clock.advance(3_100);
  assert.equal((await asked).status, 504);
  assert.match(mesh.lastLog('client'), /^504 UT,URX upstream_per_try_timeout/);
});

test('More retries at once than maxRetries are not made, and the answer says UO', async () => {
  const { mesh } = await startWeb([500, 500, 500]);
  using _ = mesh.testbed;
  await mesh.put(policy({ connectionPool: { http: { maxRetries: 1 } } }));
  await mesh.put(routesFor('web', [{ ...toWeb, retries: { attempts: 1, retryOn: '5xx' } }]));
  const first = mesh.get('http://web/');
  const second = await mesh.get('http://web/');
  assert.equal(second.status, 500);
  assert.match(mesh.lastLog('client'), /^500 UO via_upstream/);
  await mesh.clock.advance(100);
  assert.equal((await first).status, 500);
});

test('A cookie that a rule hashes by is given where it lacks, and leads to the same pod from then on', async () => {
  const names = ['a', 'b', 'c'];
  const servers = names.map((name) => httpServer(name, async () => answer(200, name)));
  const mesh = await startSmallMesh(servers, meshService('web', { pool: 'web' }), seededRandom());
  using _ = mesh.testbed;
  const httpCookie = { name: 'user', path: '/', ttl: '60s' };
  await mesh.put(policy({ loadBalancer: { consistentHash: { httpCookie } } }));
  for (let caller = 0; caller < 5; caller++) {
    const first = await mesh.get('http://web/');
    const given = first.headers.get('set-cookie') ?? '';
    assert.match(given, /^user="[\da-f]{16}"; Max-Age=60; Path=\/; HttpOnly$/);
    const again = await mesh.get('http://web/', { cookie: given.split(';')[0] ?? '' });
    assert.deepEqual(
      [Buffer.from(again.body).toString(), again.headers.get('set-cookie')],
      [Buffer.from(first.body).toString(), undefined],
    );
  }
});

test('A mirrored request says that it comes from inside, keeps its host, and changes nothing for the caller', async () => {
  const { mesh, seen } = await startWeb([200, 500]);
  using _ = mesh.testbed;
  await mesh.put(routesFor('web', [{ ...toWeb, mirror: { host: 'web' } }]));
  const { status } = await mesh.get('http://web/a?b=c');
  await mesh.clock.advance(10);
  const shown = seen.map(({ path, authority, headers }) => [
    path,
    authority,
    headers.get('x-envoy-internal'),
    headers.get('x-forwarded-for'),
  ]);
  assert.deepEqual(
    [status, shown],
    [
      200,
      [
        ['/a?b=c', 'web', undefined, undefined],
        ['/a?b=c', 'web', 'true', mesh.network('client').ip],
      ],
    ],
  );
});

test('Clients without a proxy learn the name of the operation, applications and meshed clients do not', async () => {
  const { mesh, seen } = await startWeb();
  using _ = mesh.testbed;
  const name = 'x-envoy-decorator-operation';
  const plain = plainClient(mesh.testbed);
  const outside = await mesh.testbed.get(plain, 'http://web/');
  const inside = await mesh.get('http://web/');
  assert.deepEqual(
    [
      outside.headers.get(name),
      inside.headers.get(name),
      ...seen.map(({ headers }) => headers.get(name)),
    ],
    ['web.default.svc.cluster.local:80/*', undefined, undefined, undefined],
  );
});

test('Headers of more than 60 KiB, or more than a hundred, are answered 431', async () => {
  const { mesh, seen } = await startWeb();
  using _ = mesh.testbed;
  const many = Object.fromEntries(Array.from({ length: 101 }, (__, at) => [`x-${at}`, 'v']));
  const large = await mesh.get('http://web/', { 'x-large': 'v'.repeat(61 * 1_024) });
  assert.deepEqual([large.status, (await mesh.get('http://web/', many)).status], [431, 431]);
  assert.equal(seen.length, 0);
});

test('A redirect keeps the query, unless its path has one', async () => {
  const { mesh } = await startWeb();
  using _ = mesh.testbed;
  const locations: (string | undefined)[] = [];
  for (const redirect of [
    { uri: '/new' },
    { uri: '/new?x=y' },
    { scheme: 'https' },
    { scheme: 'https', port: 8443 },
  ]) {
    await mesh.put(routesFor('web', [{ redirect }]));
    locations.push((await mesh.get('http://web:80/old?a=b')).headers.get('location'));
  }
  assert.deepEqual(locations, [
    'http://web/new?a=b',
    'http://web/new?x=y',
    'https://web/old?a=b',
    'https://web:8443/old?a=b',
  ]);
});

test('Services that ask each other without end and without a time-out get a refusal, not the memory of the process', async () => {
  let asked = 0;
  const server = httpServer('web', async (request) => {
    asked++;
    const headers = new HttpHeaders();
    return mesh.network('web').request({ host: 'web', port: 80 }, { ...request, headers });
  });
  const mesh = await startSmallMesh([server]);
  using _ = mesh.testbed;
  const { status, body } = await mesh.get('http://web/');
  assert.deepEqual([status, Buffer.from(body).toString()], [503, 'envoy overloaded']);
  assert.ok(asked < 3_000, `asked ${asked} times`);
});
