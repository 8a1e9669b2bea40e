import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { PortTrafficPolicy } from '../../istio/destination-rule.ts';
import { seededRandom } from '../../testbed/seeded-random.ts';
import { ConnectionPool, type Lease } from './connection-pool.ts';

const HOUR_MS = 3_600_000;

/** A pool, and a way to ask it for a connection. */
function start(policy: PortTrafficPolicy, random = () => 0.99) {
  const pool = new ConnectionPool(random);
  const acquire = (host = 'a', nowMs = 0, signal?: AbortSignal) =>
    pool.acquire({ host, policy, nowMs, signal });
  return {
    pool,
    acquire,
    /** One that is there at once. */
    take: (host = 'a', nowMs = 0): Lease => {
      const lease = acquire(host, nowMs);
      assert.ok(lease && !(lease instanceof Promise));
      return lease;
    },
    counts: (...names: readonly string[]) =>
      Object.fromEntries(names.map((name) => [name, pool.statistics[name]])),
  };
}

test('Connections are used again until they are worn, idle too long or too old, and each is counted', () => {
  const { pool, take, counts } = start({
    connectionPool: {
      tcp: { maxConnectionDuration: '2h' },
      http: { maxRequestsPerConnection: 3 },
    },
  });
  for (let request = 0; request < 4; request++) pool.release(take(), 0, false);
  pool.release(take('a', HOUR_MS), HOUR_MS, false);
  pool.release(take('a', HOUR_MS * 1.9), HOUR_MS * 1.9, false);
  assert.deepEqual(
    counts(
      'upstream_cx_total',
      'upstream_cx_destroy',
      'upstream_cx_max_requests',
      'upstream_cx_idle_timeout',
      'upstream_cx_active',
      'upstream_rq_total',
    ),
    {
      upstream_cx_total: 3,
      upstream_cx_destroy: 2,
      upstream_cx_max_requests: 1,
      upstream_cx_idle_timeout: 1,
      upstream_cx_active: 1,
      upstream_rq_total: 6,
    },
  );
});

test('Every endpoint gets one connection whatever the limit, and the gauges tell what is full', () => {
  const { take, acquire, counts } = start({
    connectionPool: { tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1 } },
  });
  take('a');
  take('b');
  assert.ok(acquire('a') instanceof Promise);
  assert.equal(acquire('a'), undefined);
  assert.deepEqual(
    counts(
      'circuit_breakers.default.cx_open',
      'circuit_breakers.default.rq_pending_open',
      'circuit_breakers.default.rq_open',
      'upstream_cx_overflow',
      'upstream_rq_pending_overflow',
    ),
    {
      'circuit_breakers.default.cx_open': 1,
      'circuit_breakers.default.rq_pending_open': 1,
      'circuit_breakers.default.rq_open': 0,
      upstream_cx_overflow: 1,
      upstream_rq_pending_overflow: 1,
    },
  );
});

test('Who goes away while waiting leaves its place to the next', async () => {
  const { pool, take, acquire, counts } = start({ connectionPool: { tcp: { maxConnections: 1 } } });
  const first = take();
  const gone = new AbortController();
  const leaving = acquire('a', 0, gone.signal);
  const patient = acquire();
  gone.abort(new Error('gone'));
  await assert.rejects(async () => leaving, /gone/);
  pool.release(first, 0, false);
  assert.equal((await patient)?.host, 'a');
  assert.deepEqual(counts('upstream_rq_cancelled', 'upstream_rq_active'), {
    upstream_rq_cancelled: 1,
    upstream_rq_active: 1,
  });
});

test('Retries are limited by number, or by a share of the requests that are open', () => {
  const few = start({ connectionPool: { http: { maxRetries: 1 } } });
  few.take();
  assert.deepEqual([few.pool.beginRetry(), few.pool.beginRetry()], [true, false]);
  const shared = start({ retryBudget: { percent: 50, minRetryConcurrency: 1 } });
  for (let request = 0; request < 4; request++) shared.take();
  const allowed = [1, 2, 3].map(() => shared.pool.beginRetry());
  assert.deepEqual(
    [allowed, shared.counts('upstream_rq_retry_overflow')],
    [[true, true, false], { upstream_rq_retry_overflow: 1 }],
  );
});

/** Callers that ask again and again, all in step, as fortio's threads do; how many of their calls are answered. */
async function answered(callers: number, calls: number): Promise<number> {
  const http = { http1MaxPendingRequests: 1, maxRequestsPerConnection: 1 };
  const connectionPool = { tcp: { maxConnections: 1 }, http };
  const { pool, acquire } = start({ connectionPool }, seededRandom());
  let count = 0;
  for (let round = 0; round < calls; round++) {
    await Promise.all(
      Array.from({ length: callers }, async () => {
        const lease = await acquire();
        if (!lease) return;
        await Promise.resolve();
        pool.release(lease, 0, false);
        count++;
      }),
    );
  }
  return Math.round((count * 100) / (callers * calls));
}

test('Two callers with a connection for each request are in each other way now and then, three much of the time', async () => {
  // The task of the documentation shows about 87 % and 37 %.
  const [two, three] = [await answered(2, 500), await answered(3, 500)];
  assert.ok(two >= 80 && two <= 95, `${two}`);
  assert.ok(three >= 32 && three <= 50, `${three}`);
});
