import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import type { NewObject } from '../client/client.ts';
import { HttpHeaders, type HttpResponse } from '../net/http.ts';
import { routesFor } from './testbed/mesh.ts';
import { seededRandom } from './testbed/seeded-random.ts';
import { httpServer, meshService, startSmallMesh } from './testbed/small-mesh.ts';

const SEED = 11;
const HOP_MS = 10;
/** Envoy counts connections in each of its workers; a gateway or sidecar has two. */
const MORE_BY_WORKERS = 1;

const answer = (status: number, body = ''): HttpResponse => ({
  status,
  headers: new HttpHeaders(),
  body: Buffer.from(body),
});

function destinationRule(spec: object): NewObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'web', namespace: 'default' },
    spec: { host: 'web', ...spec },
  };
}

test('Weights of a route share requests as they say, within five standard deviations', async () => {
  const names = ['a', 'b', 'c', 'd'];
  const servers = names.map((name) => httpServer(name, async () => answer(200, name)));
  const mesh = await startSmallMesh(servers, meshService('web', { pool: 'web' }), seededRandom());
  using _ = mesh.testbed;
  const subsets = names.map((name) => ({ name, labels: { app: name } }));
  await mesh.put(destinationRule({ subsets }));
  const weightsOf = fc
    .array(fc.integer({ min: 0, max: 100 }), { minLength: 2, maxLength: names.length })
    .filter((weights) => weights.filter((weight) => weight > 0).length > 1);
  await fc.assert(
    fc.asyncProperty(weightsOf, async (weights) => {
      const route = weights.map((weight, at) => ({
        weight,
        destination: { host: 'web', subset: names[at] },
      }));
      await mesh.put(routesFor('web', [{ route }]));
      const requests = 600;
      const counts = new Map<string, number>();
      for (let sent = 0; sent < requests; sent++) {
        const name = Buffer.from((await mesh.get('http://web/')).body).toString();
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      const sum = weights.reduce((total, weight) => total + weight, 0);
      for (const [at, weight] of weights.entries()) {
        const share = weight / sum;
        const off = Math.abs((counts.get(names[at] ?? '') ?? 0) - requests * share);
        assert.ok(
          off <= 5 * Math.sqrt(requests * share * (1 - share)),
          `${weights.join(' ')} gives ${[...counts].join(' ')}`,
        );
      }
    }),
    { numRuns: 8, seed: SEED },
  );
});

test('A pool never has more requests under way or waiting than its limits, and counts each that it refuses', async () => {
  const waiting: (() => void)[] = [];
  let most = 0;
  const server = httpServer('web', () => {
    const slow = new Promise<HttpResponse>((resolve) => {
      waiting.push(() => resolve(answer(200)));
    });
    most = Math.max(most, waiting.length);
    return slow;
  });
  const mesh = await startSmallMesh([server]);
  using _ = mesh.testbed;
  const limit = fc.integer({ min: 1, max: 4 });
  const steps = fc.array(fc.constantFrom('ask', 'ask', 'answer'), { minLength: 5, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(limit, limit, steps, async (maxConnections, http1MaxPendingRequests, acts) => {
      const tcp = { maxConnections };
      const connectionPool = { tcp, http: { http1MaxPendingRequests } };
      await mesh.put(destinationRule({ trafficPolicy: { connectionPool } }));
      const before = await overflowed(mesh);
      most = 0;
      const asked: Promise<HttpResponse>[] = [];
      let settled = 0;
      for (const act of acts) {
        if (act === 'ask') asked.push(mesh.get('http://web/').finally(() => settled++));
        else waiting.shift()?.();
        await mesh.clock.advance(1);
        const open = asked.length - settled;
        const room = maxConnections + MORE_BY_WORKERS + http1MaxPendingRequests;
        assert.ok(open <= room, `${open} requests are open where ${room} may be`);
      }
      while (settled < asked.length) {
        waiting.splice(0).forEach((go) => go());
        await mesh.clock.advance(1);
      }
      const statuses = (await Promise.all(asked)).map(({ status }) => status);
      const refused = statuses.filter((status) => status === 503).length;
      assert.equal((await overflowed(mesh)) - before, refused);
      assert.ok(statuses.every((status) => status === 200 || status === 503));
      assert.ok(most <= maxConnections + MORE_BY_WORKERS, `${most} of ${maxConnections}`);
    }),
    { numRuns: 40, seed: SEED },
  );
});

/** How many requests the client's proxy has refused for its limits. */
async function overflowed(mesh: Awaited<ReturnType<typeof startSmallMesh>>): Promise<number> {
  const { body } = await mesh.get('http://localhost:15000/stats');
  const name = /\|\|web\.\S*upstream_rq_pending_overflow: (\d+)/;
  return Number(name.exec(Buffer.from(body).toString())?.[1] ?? 0);
}

test('A request is tried once and as many times more as its route allows, whatever the server answers', async () => {
  let tries = 0;
  let failures = 0;
  const server = httpServer('web', async () => answer(++tries <= failures ? 503 : 200));
  const mesh = await startSmallMesh([server]);
  using _ = mesh.testbed;
  const few = fc.integer({ min: 0, max: 6 });
  await fc.assert(
    fc.asyncProperty(few, few, async (attempts, failing) => {
      const retries = attempts === 0 ? { attempts } : { attempts, retryOn: '5xx' };
      const route = [{ destination: { host: 'web' } }];
      await mesh.put(routesFor('web', [{ route, retries }]));
      tries = 0;
      failures = failing;
      const asked = mesh.get('http://web/');
      await mesh.clock.advance(10_000);
      const { status } = await asked;
      assert.deepEqual(
        { tries, status },
        { tries: Math.min(failing, attempts) + 1, status: failing > attempts ? 503 : 200 },
      );
    }),
    { numRuns: 30, seed: SEED },
  );
});

test('A service that asks itself without end is answered 504 when its route has a time-out, and then is quiet', async () => {
  let asked = 0;
  const server = httpServer('web', async (request) => {
    asked++;
    await new Promise<void>((resolve) => mesh.clock.after(HOP_MS, () => resolve()));
    if (request.signal?.aborted === true) return answer(500);
    return mesh.network('web').request({ host: 'web', port: 80 }, request);
  });
  const mesh = await startSmallMesh([server]);
  using _ = mesh.testbed;
  const route = [{ destination: { host: 'web' } }];
  await mesh.put(routesFor('web', [{ route, timeout: '1s' }]));
  const first = mesh.get('http://web/');
  await mesh.clock.advance(60_000);
  assert.equal((await first).status, 504);
  // When a caller goes, its request ends, and with it what that has asked for.
  assert.ok(asked <= 1_000 / HOP_MS + 1, `asked ${asked} times`);
});
