import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../../../../fake-clock.ts';
import { filterContext, inboundStream } from '../../../testbed/filter-context.ts';
import type { FilterContext } from '../filter.ts';
import type { HttpStream } from '../stream.ts';
import { makeLocalRateLimitFilter } from './local-rate-limit.ts';

const ALL = { runtime_key: 'x', default_value: { numerator: 100, denominator: 'HUNDRED' } };

/** The filter's settings in the documentation's task. */
function settings(more: object = {}): object {
  return {
    '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct',
    type_url: 'type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit',
    value: {
      stat_prefix: 'http_local_rate_limiter',
      token_bucket: { max_tokens: 4, tokens_per_fill: 4, fill_interval: '60s' },
      filter_enabled: ALL,
      filter_enforced: ALL,
      response_headers_to_add: [
        { append: false, header: { key: 'x-local-rate-limit', value: 'true' } },
      ],
      ...more,
    },
  };
}

async function ask(written: object, context: FilterContext, stream: HttpStream = inboundStream()) {
  const filter = makeLocalRateLimitFilter({ type: 'local-rate-limit', settings: written }, context);
  const answer = await filter.onRequest?.(stream);
  return answer ? answer.response.status : 'ok';
}

async function several(
  times: number,
  written: object,
  context: FilterContext,
  stream?: HttpStream,
) {
  const seen: (number | 'ok')[] = [];
  for (let index = 0; index < times; index++) seen.push(await ask(written, context, stream));
  return seen.join(' ');
}

test('A local rate limit refuses what its bucket has no token for, and says so as Envoy does', async () => {
  const context = filterContext(new FakeClock());
  assert.equal(await several(4, settings(), context), 'ok ok ok ok');
  const filter = makeLocalRateLimitFilter(
    { type: 'local-rate-limit', settings: settings() },
    context,
  );
  const answer = await filter.onRequest?.(inboundStream());
  assert.deepEqual(
    answer && {
      ...answer,
      response: {
        ...answer.response,
        headers: [...answer.response.headers],
        body: Buffer.from(answer.response.body).toString(),
      },
    },
    {
      flags: 'RL',
      details: 'local_rate_limited',
      response: {
        status: 429,
        headers: [
          ['content-length', '18'],
          ['content-type', 'text/plain'],
          ['x-local-rate-limit', 'true'],
        ],
        body: 'local_rate_limited',
      },
    },
  );
  const counts = Object.groupBy(context.counted, (name) => name);
  assert.deepEqual(
    Object.entries(counts).map(([name, list = []]) => `${name} ${list.length}`),
    [
      'http_local_rate_limiter.http_local_rate_limit.enabled 5',
      'http_local_rate_limiter.http_local_rate_limit.ok 4',
      'http_local_rate_limiter.http_local_rate_limit.rate_limited 1',
      'http_local_rate_limiter.http_local_rate_limit.enforced 1',
    ],
  );
});

test('A bucket fills with time, outlives a new configuration, and starts anew with new settings', async () => {
  const clock = new FakeClock();
  const context = filterContext(clock);
  assert.equal(await several(5, settings(), context), 'ok ok ok ok 429');
  await clock.advance(15_000);
  assert.equal(await several(2, settings(), context), 'ok 429');
  await clock.advance(600_000);
  assert.equal(await several(5, settings(), context), 'ok ok ok ok 429');
  const wider = settings({ token_bucket: { maxTokens: 5, tokensPerFill: 5, fillInterval: '60s' } });
  assert.equal(await several(6, wider, context), 'ok ok ok ok ok 429');
});

test('A limit counts and refuses only the parts of requests that it says, none where it says nothing', async () => {
  const clock = new FakeClock();
  const half = { default_value: { numerator: 50 } };
  const late = { ...filterContext(clock), random: () => 0.5 };
  assert.equal(
    await several(5, settings({ filter_enabled: undefined }), filterContext(clock)),
    'ok ok ok ok ok',
  );
  assert.equal(
    await several(5, settings({ filter_enforced: undefined }), filterContext(clock)),
    'ok ok ok ok ok',
  );
  assert.equal(await several(5, settings({ filter_enabled: half }), late), 'ok ok ok ok ok');
  assert.equal(
    await several(5, settings({ status: { code: 503 } }), filterContext(clock)),
    'ok ok ok ok 503',
  );
});

test('Settings of a route or virtual host take the place of the filter’s, each with its own bucket', async () => {
  const context = filterContext(new FakeClock());
  const one = settings({ token_bucket: { max_tokens: 1, fill_interval: '60s' } });
  const stream = inboundStream();
  stream.virtualHost = {
    name: 'inbound|http|8000',
    domains: ['*'],
    routes: [],
    filterConfig: { 'envoy.filters.http.local_ratelimit': one },
  };
  const empty = { '@type': 'type.googleapis.com/…TypedStruct', value: { stat_prefix: 'x' } };
  assert.equal(await several(3, empty, context), 'ok ok ok');
  assert.equal(await several(3, empty, context, stream), 'ok 429 429');
});

test('A limit that wants so tells itself in every answer', async () => {
  const context = filterContext(new FakeClock());
  const written = settings({ enable_x_ratelimit_headers: 'DRAFT_VERSION_03' });
  const filter = makeLocalRateLimitFilter({ type: 'local-rate-limit', settings: written }, context);
  const stream = inboundStream();
  await filter.onRequest?.(stream);
  const headers = new Map<string, string>();
  const response = { status: 200, headers: stream.request.headers.clone(), body: new Uint8Array() };
  filter.onAnswer?.(stream, { response, flags: '-', details: '' });
  for (const [name, value] of response.headers) headers.set(name, value);
  assert.deepEqual(Object.fromEntries(headers), {
    'x-ratelimit-limit': '4',
    'x-ratelimit-remaining': '3',
    'x-ratelimit-reset': '60',
  });
});
