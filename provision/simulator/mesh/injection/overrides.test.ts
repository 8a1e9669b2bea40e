import assert from 'node:assert/strict';
import { test } from 'node:test';

import { objectAt, stringMapAt } from '../../kinds/json.ts';
import { injectPod, readInjectionSettings } from './index.ts';

test('a container istio-proxy of the pod lies over the injected one, and an annotation keeps it', () => {
  const own = { name: 'istio-proxy', image: 'auto', env: [{ name: 'MINE', value: 'yes' }] };
  const injected = injectPod(
    { metadata: {}, spec: { containers: [{ name: 'app' }, own] } },
    { namespace: 'default', workload: 'web' },
    readInjectionSettings({}),
  );
  const annotations = stringMapAt(injected, 'metadata', 'annotations');
  const kept: unknown = JSON.parse(annotations['proxy.istio.io/overrides'] ?? '{}');
  assert.deepEqual(objectAt(kept), { containers: [{ ...own, resources: {} }] });

  const plain = injectPod(
    { metadata: {}, spec: { containers: [{ name: 'app' }] } },
    { namespace: 'default', workload: 'web' },
    readInjectionSettings({}),
  );
  assert.equal(
    stringMapAt(plain, 'metadata', 'annotations')['proxy.istio.io/overrides'],
    undefined,
  );
});
