import assert from 'node:assert/strict';
import { test } from 'node:test';

import { listAt, stringAt } from '../../../../kinds/json.ts';
import type { JsonObject } from '../../../../kinds/object.ts';
import { GATEWAY, meshWithBookinfo } from '../../../testbed/bookinfo-mesh.ts';

const FLUSH_MS = 5_000;

test('A page of Bookinfo is one trace: the gateway with a span of its own for the upstream, and two sides of each call', async () => {
  const { testbed, clock, change, get } = await meshWithBookinfo();
  using _ = testbed;
  const collector = testbed.startPod({ name: 'jaeger', labels: { app: 'jaeger' }, containers: [] });
  const taken: JsonObject[] = [];
  const service = { takeSpans: (request: JsonObject) => taken.push(request) };
  collector.listen(4317, { type: 'service', service });
  const opentelemetry = { service: collector.ip, port: 4317 };
  const mesh = JSON.stringify({
    extensionProviders: [{ name: 'jaeger', opentelemetry }],
    defaultProviders: { tracing: ['jaeger'] },
    defaultConfig: { tracing: { sampling: 100 } },
  });
  await change({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio', namespace: 'istio-system' },
    data: { mesh },
  });
  await get(`${GATEWAY}/productpage`);
  await clock.advance(FLUSH_MS);
  const spans = taken.flatMap((request) =>
    listAt(request, 'resourceSpans').flatMap((one) => {
      const name = stringAt(listAt(one, 'resource', 'attributes')[0], 'value', 'stringValue');
      return listAt(listAt(one, 'scopeSpans')[0], 'spans').map((span) => ({
        id: stringAt(span, 'spanId'),
        trace: stringAt(span, 'traceId'),
        parent: stringAt(span, 'parentSpanId'),
        what: `${name.split('.')[0]} ${stringAt(span, 'kind').slice('SPAN_KIND_'.length)} ${stringAt(span, 'name').split('.')[0]}`,
      }));
    }),
  );
  const below = (parent: string, depth: number): readonly string[] =>
    spans
      .filter((span) => span.parent === parent)
      .toSorted((one, other) => (one.what < other.what ? -1 : 1))
      .flatMap(({ id, what }) => [`${'-'.repeat(depth)}${what}`, ...below(id, depth + 1)]);
  assert.equal(new Set(spans.map(({ trace }) => trace)).size, 1);
  assert.deepEqual(below('', 0).slice(0, 5), [
    'istio-ingressgateway SERVER productpage',
    '-istio-ingressgateway CLIENT router outbound|9080||productpage',
    '--productpage SERVER productpage',
    '---productpage CLIENT details',
    '----details SERVER details',
  ]);
});
