import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../../fake-clock.ts';
import { FakeClusterClient } from '../../net/fake-cluster-client.ts';
import { HttpHeaders } from '../../net/http.ts';
import type { NetworkInterface } from '../../net/network.ts';
import { VirtualNetwork } from '../../net/virtual-network.ts';
import { exchangeSecurely } from '../../node/shell/commands/curl/secure-request.ts';
import { publicAuthority } from './authority.ts';
import { createWorld } from './index.ts';

const GET = { method: 'GET', headers: new HttpHeaders(), body: new Uint8Array() } as const;

const random = () => 0.5;

function startWorld() {
  const clock = new FakeClock(Date.UTC(2026, 0, 1));
  const outside = createWorld({ clock, random });
  const network = new VirtualNetwork({ client: new FakeClusterClient(), clock, random, outside });
  const pod = network.attach({ ip: '10.244.1.5', namespace: 'default', podName: 'curl' });
  return { network, pod, [Symbol.dispose]: () => network[Symbol.dispose]() };
}

function plain(pod: NetworkInterface, host: string, path: string) {
  return pod.request({ host, port: 80 }, { ...GET, authority: host, path });
}

function secure(pod: NetworkInterface, host: string, protocols: readonly ('h2' | 'http/1.1')[]) {
  const target = { host, port: 443, serverName: host };
  const request = { ...GET, authority: host, path: '/wiki/Main_Page' };
  const authorities = publicAuthority().certificate;
  return exchangeSecurely(pod, target, request, { isInsecure: false, authorities, protocols });
}

test('names of the world have addresses in pods, others do not exist', () => {
  using world = startWorld();
  assert.deepEqual(
    ['httpbin.org', 'de.wikipedia.org', 'a.b.wikipedia.org', 'nowhere.example'].map((name) =>
      world.pod.resolve(name),
    ),
    [['203.0.113.10'], ['203.0.113.15'], [], []],
  );
  assert.equal(world.pod.dns.query('httpbin.org', 'AAAA').code, 'NOERROR');
  assert.equal(world.pod.dns.query('nowhere.example', 'A').code, 'NXDOMAIN');
});

test('sites answer over HTTP as the tasks on egress say: httpbin at once, CNN with a redirect', async () => {
  using world = startWorld();
  const { status, body } = await plain(world.pod, 'httpbin.org', '/headers');
  assert.equal(status, 200);
  assert.deepEqual(JSON.parse(Buffer.from(body).toString()), { headers: { Host: 'httpbin.org' } });
  const moved = await plain(world.pod, 'edition.cnn.com', '/politics');
  assert.equal(moved.status, 301);
  assert.equal(moved.headers.get('location'), 'https://edition.cnn.com/politics');
  await assert.rejects(
    world.pod.request({ host: 'httpbin.org', port: 3306 }, { ...GET, authority: 'x', path: '/' }),
    { code: 'ECONNREFUSED' },
  );
});

test('sites speak TLS with certificates of their names, in HTTP/2 for who can', async () => {
  using world = startWorld();
  for (const protocol of ['h2', 'http/1.1'] as const) {
    const answer = await secure(world.pod, 'en.wikipedia.org', [protocol]);
    assert.equal(answer.protocol, protocol);
    assert.equal(answer.response.status, 200);
    assert.match(
      answer.response.body.toString(),
      /<title>Wikipedia, the free encyclopedia<\/title>/,
    );
    assert.deepEqual(answer.secured.altNames, ['*.wikipedia.org']);
    assert.equal(answer.secured.isVerified, true);
  }
});

test('raw.githubusercontent.com has the samples of the release, and nothing beside them', async () => {
  using world = startWorld();
  const host = 'raw.githubusercontent.com';
  const target = { host, port: 443, serverName: host };
  const ask = async (path: string) => {
    const request = { ...GET, authority: host, path };
    const { response } = await exchangeSecurely(world.pod, target, request, { isInsecure: true });
    return [response.status, response.body.toString()] as const;
  };
  const folder = '/istio/istio/release-1.30/security/tools/jwt/samples';
  const [status, token] = await ask(`${folder}/demo.jwt`);
  assert.equal(status, 200);
  const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64').toString());
  assert.deepEqual(claims, {
    exp: 4_685_989_700,
    foo: 'bar',
    iat: 1_532_389_700,
    iss: 'testing@secure.istio.io',
    sub: 'testing@secure.istio.io',
  });
  assert.deepEqual(await ask('/istio/istio/master/samples/%2e%2e/README.md'), [
    404,
    '404: Not Found',
  ]);
});
