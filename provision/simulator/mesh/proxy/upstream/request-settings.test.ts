import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HttpHeaders } from '../../../net/http.ts';
import type { RetryPolicy } from '../../xds/route.ts';
import { patienceOf } from './request-settings.ts';

const RETRIES: RetryPolicy = {
  attempts: 2,
  conditions: new Set(['connect-failure']),
  perTryTimeoutMs: undefined,
};

/** What holds for a request with these headers, and the headers that go on. */
function of(written: Readonly<Record<string, string>>, timeoutMs?: number, retries = RETRIES) {
  const headers = new HttpHeaders(Object.entries(written));
  const patience = patienceOf(headers, { timeoutMs, retries });
  const { attempts, conditions, perTryTimeoutMs } = patience.retries;
  return [
    patience.timeoutMs,
    perTryTimeoutMs,
    attempts,
    [...conditions].join(),
    Object.fromEntries(headers),
  ];
}

test('Requests without headers for the proxy are tried as the route says, and tell how long somebody waits', () => {
  assert.deepEqual(of({ a: 'b' }), [undefined, undefined, 2, 'connect-failure', { a: 'b' }]);
  assert.deepEqual(of({}, 500), [
    500,
    undefined,
    2,
    'connect-failure',
    { 'x-envoy-expected-rq-timeout-ms': '500' },
  ]);
});

test('Applications set time-outs, retries and conditions in headers that go no further', () => {
  const asked = {
    'x-envoy-upstream-rq-timeout-ms': '900',
    'x-envoy-upstream-rq-per-try-timeout-ms': '300',
    'x-envoy-max-retries': '5',
    'x-envoy-retry-on': '5xx,retriable-status-codes',
    'x-envoy-retriable-status-codes': '404,nonsense',
  };
  assert.deepEqual(of(asked, 500), [
    900,
    300,
    5,
    'connect-failure,5xx,retriable-status-codes,404',
    { 'x-envoy-expected-rq-timeout-ms': '300' },
  ]);
  const none = { ...RETRIES, attempts: 0, conditions: new Set<string>() };
  assert.deepEqual(of({ 'x-envoy-retry-on': '5xx' }, undefined, none).slice(2, 4), [1, '5xx']);
  assert.deepEqual(of({ 'x-envoy-max-retries': '9' }, undefined, none).slice(2, 4), [0, '']);
});

test('A deadline of gRPC counts up to the time-out of the route, and not for other requests', () => {
  const grpc = { 'content-type': 'application/grpc', 'grpc-timeout': '2S' };
  assert.deepEqual(
    [of(grpc)[0], of(grpc, 500)[0], of(grpc, 5_000)[0], of({ 'grpc-timeout': '2S' })[0]],
    [2_000, 500, 2_000, undefined],
  );
});

test('A try is not limited where its limit is no shorter than the whole', () => {
  const retries = { ...RETRIES, perTryTimeoutMs: 700 };
  assert.deepEqual([of({}, 700, retries)[1], of({}, 800, retries)[1]], [undefined, 700]);
});
