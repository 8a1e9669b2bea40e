import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HttpHeaders } from '../../../../net/http.ts';
import { readContext, withdrawSampling } from './trace-context.ts';

const TRACE = 'a'.repeat(32);
const SPAN = 'b'.repeat(16);

test('Contexts are read in the words of the provider, and broken ones count as none', () => {
  const both = { traceId: TRACE, spanId: SPAN };
  const ids = { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN };
  assert.deepEqual(
    [
      read('zipkin', ids),
      read('zipkin', { ...ids, 'x-b3-sampled': '0' }),
      read('zipkin', { b3: `${TRACE}-${SPAN}-1` }),
      read('zipkin', { 'x-b3-traceid': 'nonsense', 'x-b3-spanid': SPAN }),
      read('opentelemetry', { traceparent: `00-${TRACE}-${SPAN}-00` }),
      read('opentelemetry', { traceparent: `00-${'0'.repeat(32)}-${SPAN}-01` }),
      read('opentelemetry', ids),
    ],
    [
      { ...both, isSampled: undefined },
      { ...both, isSampled: false },
      { ...both, isSampled: true },
      undefined,
      { ...both, isSampled: false },
      undefined,
      undefined,
    ],
  );
});

test('Copies for mirrors are not traced, whoever decided otherwise', () => {
  const headers = new HttpHeaders([
    ['x-b3-traceid', TRACE],
    ['x-b3-sampled', '1'],
    ['traceparent', `00-${TRACE}-${SPAN}-01`],
  ]);
  withdrawSampling(headers);
  assert.deepEqual(
    [headers.get('x-b3-sampled'), headers.get('traceparent')],
    ['0', `00-${TRACE}-${SPAN}-00`],
  );
});

function read(type: 'zipkin' | 'opentelemetry', headers: Readonly<Record<string, string>>) {
  return readContext(new HttpHeaders(Object.entries(headers)), type);
}
