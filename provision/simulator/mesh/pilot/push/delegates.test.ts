import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { VirtualService } from '../../istio/virtual-service.ts';
import { meshConfigIn } from '../mesh-config.ts';
import { withDelegates } from './delegates.ts';

test('Rules of a delegate go when the mesh no longer exports VirtualServices by default, and stay the same objects until then', () => {
  const services = [
    virtualService('shop', 'edge', {
      hosts: ['shop.example'],
      http: [{ delegate: { name: 'cart', namespace: 'sales' } }],
    }),
    virtualService('cart', 'sales', { http: [{ redirect: { uri: '/cart' } }] }),
  ];
  const config = meshConfigIn(undefined, 'istio-system');
  const [merged] = withDelegates(services, config);
  assert.deepEqual(merged?.spec?.http, [{ redirect: { uri: '/cart' } }]);
  assert.equal(withDelegates(services, config)[0], merged);
  const defaultExportTo = { ...config.defaultExportTo, virtualServices: ['.'] };
  const [alone] = withDelegates(services, { ...config, defaultExportTo });
  assert.deepEqual(alone?.spec?.http, []);
});

function virtualService(
  name: string,
  namespace: string,
  spec: VirtualService['spec'],
): VirtualService {
  const creationTimestamp = '2026-01-01T00:00:00Z';
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name, namespace, uid: `uid-${name}`, resourceVersion: '1', creationTimestamp },
    ...(spec && { spec }),
  };
}
