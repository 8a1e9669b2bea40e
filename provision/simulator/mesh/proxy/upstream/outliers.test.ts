import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { OutlierDetection } from '../../istio/destination-rule.ts';
import type { Endpoint } from '../../xds/endpoint.ts';
import { OutlierDetector } from './outliers.ts';

const SECOND = 1_000;
const [ONE, OTHER, THIRD] = [1, 2, 3].map((last): Endpoint => ({
  ip: `10.0.0.${last}`,
  port: 80,
  labels: {},
  workload: undefined,
  hasSidecar: false,
}));

/** A detector for three endpoints. */
function start(settings: OutlierDetection) {
  assert.ok(ONE && OTHER && THIRD);
  const all = [ONE, OTHER, THIRD];
  const detector = new OutlierDetector();
  const outAt = (seconds: number) => {
    const healthy = detector.healthy(all, settings, seconds * SECOND);
    return all.filter((one) => !healthy.includes(one)).map(({ ip }) => Number(ip.at(-1)));
  };
  outAt(0);
  return {
    detector,
    outAt,
    fail: (last: number, seconds: number, { status = 500, isLocal = false, times = 1 } = {}) => {
      const endpoint = all[last - 1];
      assert.ok(endpoint);
      const nowMs = seconds * SECOND;
      const outcome = { endpoint, status, isLocal, endpointCount: all.length, nowMs };
      for (let time = 0; time < times; time++) detector.record(settings, outcome);
    },
    count: (name: string) => detector.statistics[`outlier_detection.${name}`],
  };
}

test('An endpoint is ejected at its fifth error in a row, for a time that grows, and comes back at the end of an interval', () => {
  const { fail, outAt, count } = start({});
  fail(1, 1, { times: 4 });
  fail(1, 1, { status: 200 });
  fail(1, 1, { times: 4 });
  assert.deepEqual(outAt(1), []);
  fail(1, 1);
  // Its 30 s are over at 31 s; intervals end at 30 s, 40 s …
  assert.deepEqual([outAt(1), outAt(39), outAt(40)], [[1], [1], []]);
  fail(1, 41, { times: 5 });
  assert.deepEqual([outAt(109), outAt(110)], [[1], []]);
  // Two intervals without an ejection take back what was added.
  fail(1, 131, { times: 5 });
  assert.deepEqual([outAt(169), outAt(170), count('ejections_total')], [[1], [], 3]);
});

test('One endpoint may always be ejected, more only up to maxEjectionPercent, and what is refused is counted', () => {
  const { fail, outAt, count } = start({ consecutive5xxErrors: 1 });
  fail(1, 0);
  fail(2, 0);
  assert.deepEqual([outAt(0), count('ejections_active'), count('ejections_overflow')], [[1], 1, 1]);
  const all = start({ consecutive5xxErrors: 1, maxEjectionPercent: 100 });
  for (const last of [1, 2, 3]) all.fail(last, 0);
  assert.deepEqual([all.outAt(0), all.count('ejections_enforced_consecutive_5xx')], [[1, 2, 3], 3]);
});

test('Gateway errors are counted by themselves, and failures to connect apart where the rule splits them', () => {
  const gateway = start({ consecutive5xxErrors: 0, consecutiveGatewayErrors: 2 });
  gateway.fail(1, 0, { times: 9 });
  gateway.fail(2, 0, { status: 503, times: 2 });
  assert.deepEqual(gateway.outAt(0), [2]);
  const split = start({
    consecutive5xxErrors: 1,
    splitExternalLocalOriginErrors: true,
    consecutiveLocalOriginFailures: 3,
  });
  split.fail(1, 0, { status: 503, isLocal: true, times: 2 });
  assert.deepEqual(split.outAt(0), []);
  split.fail(1, 0, { status: 503, isLocal: true });
  assert.deepEqual(
    [split.outAt(0), split.count('ejections_enforced_consecutive_local_origin_failure')],
    [[1], 1],
  );
});
