import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { HttpResponse } from '../net/http.ts';
import { GATEWAY, meshWithBookinfo } from './testbed/bookinfo-mesh.ts';
import { GATEWAY_IP, REVIEWS_SUBSETS, routesFor } from './testbed/mesh.ts';

const text = ({ body }: HttpResponse) => Buffer.from(body).toString();
const servedBy = (response: HttpResponse) => /reviews-(v\d)-pod/.exec(text(response))?.[1];
const to = (subset: string, weight?: number) => ({
  destination: { host: 'reviews', subset },
  ...(weight !== undefined && { weight }),
});

test("Istio's Bookinfo gateway answers /productpage, and 404 without a body for what no route names", async () => {
  const mesh = await meshWithBookinfo();
  using _ = mesh.testbed;
  const page = await mesh.get(`${GATEWAY}/productpage`);
  const other = await mesh.get(`${GATEWAY}/other`);
  assert.deepEqual(
    [page.status, page.headers.get('server'), /<title>.*<\/title>/.exec(text(page))?.[0]],
    [200, 'istio-envoy', '<title>Simple Bookstore App</title>'],
  );
  assert.deepEqual(
    [other.status, text(other), other.headers.get('server')],
    [404, '', 'istio-envoy'],
  );
});

test('A gateway refuses connections to ports that no Gateway asks for', async () => {
  const mesh = await meshWithBookinfo();
  using _ = mesh.testbed;
  await assert.rejects(mesh.get(`http://${GATEWAY_IP}:443/productpage`), { code: 'ECONNREFUSED' });
});

test('Sidecars spread over all versions of reviews, and by weight once a VirtualService says so', async () => {
  const mesh = await meshWithBookinfo();
  using _ = mesh.testbed;
  const spread = async (count: number) => {
    const seen: Record<string, number> = {};
    for (let index = 0; index < count; index++) {
      const version = servedBy(await mesh.get(`${GATEWAY}/productpage`)) ?? 'none';
      seen[version] = (seen[version] ?? 0) + 1;
    }
    return seen;
  };
  const even = await spread(60);
  assert.deepEqual(Object.keys(even).toSorted(), ['v1', 'v2', 'v3']);
  assert.ok(
    Object.values(even).every((count) => count >= 10),
    JSON.stringify(even),
  );
  await mesh.change(REVIEWS_SUBSETS, routesFor('reviews', [{ route: [to('v1')] }]));
  assert.deepEqual(await spread(10), { v1: 10 });
  await mesh.change(routesFor('reviews', [{ route: [to('v1', 80), to('v3', 20)] }]));
  const weighted = await spread(100);
  assert.deepEqual(Object.keys(weighted).toSorted(), ['v1', 'v3']);
  assert.ok(Math.abs((weighted['v3'] ?? 0) - 20) <= 8, JSON.stringify(weighted));
});

test('A route by header sends jason to v2 and everybody else to v1', async () => {
  const mesh = await meshWithBookinfo();
  using _ = mesh.testbed;
  await mesh.change(
    REVIEWS_SUBSETS,
    routesFor('reviews', [
      { match: [{ headers: { 'end-user': { exact: 'jason' } } }], route: [to('v2')] },
      { route: [to('v1')] },
    ]),
  );
  const jason = `session=${Buffer.from('jason').toString('base64url')}`;
  const seen = [
    servedBy(await mesh.get(`${GATEWAY}/productpage`)),
    servedBy(await mesh.get(`${GATEWAY}/productpage`, { cookie: jason })),
  ];
  assert.deepEqual(seen, ['v1', 'v2']);
});

test('Ratings delayed by 7 s cost the page two tries of 3 s with v2, one of 2.5 s with v3', async () => {
  const mesh = await meshWithBookinfo();
  using _ = mesh.testbed;
  const slow = {
    fault: { delay: { percentage: { value: 100 }, fixedDelay: '7s' } },
    route: [{ destination: { host: 'ratings' } }],
  };
  await mesh.change(
    REVIEWS_SUBSETS,
    routesFor('ratings', [slow]),
    routesFor('reviews', [{ route: [to('v2')] }]),
  );
  const patient = await mesh.timed(`${GATEWAY}/productpage`);
  assert.deepEqual(
    [patient.tookMs, text(patient.response).includes('Error fetching product reviews')],
    [6_000, true],
  );
  await mesh.change(routesFor('reviews', [{ route: [to('v3')] }]));
  const hasty = await mesh.timed(`${GATEWAY}/productpage`);
  assert.deepEqual(
    [hasty.tookMs, text(hasty.response).includes('Ratings service is currently unavailable')],
    [2_500, true],
  );
});

test('An aborted request, a time-out, a missing subset and a service without pods get the answers of Envoy', async () => {
  const mesh = await meshWithBookinfo();
  using _ = mesh.testbed;
  const inside = mesh.testbed.network.interfaceOf(
    mesh.testbed.network.endpointsOf({ ip: '10.96.0.104', port: 9080 })[0]?.ip ?? '',
  );
  assert.ok(inside);
  const ask = async (host: string) => {
    let answered: HttpResponse | undefined;
    const asked = mesh.testbed
      .get(inside, `http://${host}:9080/${host}/0`)
      .then((response) => (answered = response));
    await mesh.clock.advance(3_000);
    await asked;
    return answered && [answered.status, text(answered), answered.headers.get('server')];
  };
  await mesh.change(
    routesFor('ratings', [
      {
        fault: { abort: { percentage: { value: 100 }, httpStatus: 500 } },
        route: [{ destination: { host: 'ratings' } }],
      },
    ]),
    routesFor('reviews', [{ route: [to('v9')] }]),
  );
  assert.deepEqual(await ask('ratings'), [500, 'fault filter abort', 'envoy']);
  assert.deepEqual(await ask('reviews'), [503, '', 'envoy']);
  mesh.testbed.stopPod('details-v1-pod');
  await mesh.change();
  assert.deepEqual(await ask('details'), [503, 'no healthy upstream', 'envoy']);
});

test('With access logs on, client and server side log one line each in the text format of Istio', async () => {
  const mesh = await meshWithBookinfo({ accessLogFile: '/dev/stdout' });
  using _ = mesh.testbed;
  await mesh.get(`${GATEWAY}/productpage`, { 'user-agent': 'curl/8.16.0' });
  const line = (pod: string) =>
    mesh.testbed.logs.get(`${pod}/istio-proxy`)?.findLast((one) => one.startsWith('['));
  const time = String.raw`\[\d{4}-\d\d-\d\dT[\d:.]+Z\]`;
  const id = '"[0-9a-f-]{36}"';
  assert.match(
    line('istio-ingressgateway') ?? '',
    new RegExp(
      String.raw`^${time} "GET /productpage HTTP/1\.1" 200 - via_upstream - "-" 0 \d+ \d+ \d+ "10\.244\.1\.250" "curl/8\.16\.0" ${id} "10\.96\.0\.80" "10\.244\.1\.\d+:9080" outbound\|9080\|\|productpage\.default\.svc\.cluster\.local \S+ \S+ 10\.244\.1\.250:\d+ - -$`,
    ),
  );
  assert.match(
    line('details-v1-pod') ?? '',
    new RegExp(
      String.raw`^${time} "GET /details/0 HTTP/1\.1" 200 - via_upstream - "-" 0 \d+ \d+ \d+ "-" "\S+" ${id} "details:9080" "10\.244\.1\.\d+:9080" inbound\|9080\|\| 127\.0\.0\.6:\d+ 10\.244\.1\.\d+:9080 10\.244\.1\.\d+:\d+ outbound_\.9080_\._\.details\.default\.svc\.cluster\.local default$`,
    ),
  );
});
