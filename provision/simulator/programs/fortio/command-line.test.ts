import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseFortio } from './command-line.ts';

test('parseFortio() reads the options of the documentation, in any of Go’s forms', () => {
  const words =
    '-c 3 -qps=0 --n 30 -t 1m30s -loglevel Warning -H a:b -H host:x.y -p 50,99 -keepalive=false -k';
  const options = parseFortio([...words.split(' '), 'httpbin:8000/get']);
  assert.partialDeepStrictEqual(options, {
    url: 'http://httpbin:8000/get',
    level: 'warning',
    method: 'GET',
    headers: [
      ['a', 'b'],
      ['host', 'x.y'],
    ],
    keepsAlive: false,
    isInsecure: true,
    timeoutMs: 3_000,
    load: { connections: 3, qps: 0, calls: 30, durationMs: 90_000, percentiles: [50, 99] },
  });
});

test('parseFortio() posts when there is something to send', () => {
  assert.partialDeepStrictEqual(parseFortio(['-payload', 'hi', '-user', 'u:p', 'http://a/']), {
    method: 'POST',
    payload: 'hi',
    headers: [['Authorization', 'Basic dTpw']],
  });
});

for (const [line, problem] of [
  ['', 'Error: fortio load/curl needs a URL or destination'],
  ['http://a/ http://b/', 'Error: fortio load/curl needs a URL or destination'],
  ['-x http://a/', 'flag provided but not defined: -x'],
  ['-c', 'flag needs an argument: -c'],
  ['-c many http://a/', 'invalid value "many" for flag -c: parse error'],
  ['-t soon http://a/', 'invalid value "soon" for flag -t: parse error'],
  [
    '-p 101 http://a/',
    'Unable to extract percentiles from -p: percentile 101 must be > 0 and < 100',
  ],
  ['-http1.0 http://a/', "The Regatta simulator's fortio has no -http1.0"],
  ['-grpc http://a/', "The Regatta simulator's fortio has no -grpc"],
  ['-c 5000 http://a/', "The Regatta simulator's fortio opens at most 256 connections, not 5000"],
] as const) {
  test(`parseFortio() refuses "${line}"`, () => {
    assert.deepEqual(parseFortio(line.split(' ').filter(Boolean)), { problem });
  });
}
