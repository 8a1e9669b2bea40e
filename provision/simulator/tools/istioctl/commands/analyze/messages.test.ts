import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { textAt } from '../../../install/tree.ts';
import { FakeApi } from '../../testing/fake-api.ts';
import { runIstioctl } from '../../testing/run-istioctl.ts';
import type { Row } from './cases/case.ts';
import { POLICY_CASES } from './cases/policies.ts';
import { TRAFFIC_CASES } from './cases/traffic.ts';
import { WORKLOAD_CASES } from './cases/workloads.ts';
import { COLLECTIONS } from './world.ts';

const CLUSTER_WIDE = ['Namespace', 'MutatingWebhookConfiguration', 'CustomResourceDefinition'];

function apiWith(rows: readonly Row[]): FakeApi {
  const api = new FakeApi();
  for (const [kind, name, fields = {}, metadata = {}] of [...BASE, ...rows]) {
    const [, root, plural] = /^(.*)\/([^/]+)$/.exec(COLLECTIONS[kind]) ?? [];
    const namespace = textAt(metadata, 'namespace') || 'default';
    const isWide = CLUSTER_WIDE.includes(kind);
    const path = isWide ? COLLECTIONS[kind] : `${root}/namespaces/${namespace}/${plural}`;
    const own = isWide ? {} : { namespace };
    const shown = kind === 'KubernetesGateway' ? 'Gateway' : kind;
    api.put(`${path}/${name}`, { kind: shown, metadata: { name, ...own, ...metadata }, ...fields });
  }
  return api;
}

const BASE: readonly Row[] = [
  ['Namespace', 'default', {}, { labels: { 'istio-injection': 'enabled' } }],
  [
    'Pod',
    'web',
    { spec: { containers: [{ name: 'istio-proxy', image: 'p' }] } },
    { labels: { app: 'web', version: 'v1' } },
  ],
  [
    'Service',
    'web',
    {
      spec: {
        selector: { app: 'web' },
        ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }],
      },
    },
  ],
  [
    'Pod',
    'ingress',
    { spec: { containers: [{ name: 'istio-proxy', image: 'p' }] } },
    { labels: { istio: 'ingressgateway' }, namespace: 'istio-system' },
  ],
  [
    'Service',
    'ingress',
    {
      spec: {
        selector: { istio: 'ingressgateway' },
        ports: [{ name: 'http2', port: 80, targetPort: 8080, protocol: 'TCP' }],
      },
    },
    { namespace: 'istio-system', labels: { istio: 'ingressgateway' } },
  ],
];

const TABLE = { ...TRAFFIC_CASES, ...WORKLOAD_CASES, ...POLICY_CASES };

suite('istioctl analyze says, and says nothing else, of', () => {
  for (const [title, [rows, lines]] of Object.entries(TABLE)) {
    test(title, async () => {
      const { stdout } = await runIstioctl(['analyze'], { api: apiWith(rows) });
      // What the webhook warns of (IST0133) is pinned where the webhook's rules are.
      const said = stdout.split('\n').filter((line) => !line.includes('[IST0133]'));
      assert.deepEqual(said.slice(0, -1), lines);
    });
  }
});

test('istioctl analyze knows where istiod may fetch keys from (IST0175), in the namespace of istiod', async () => {
  const api = apiWith([
    ['Namespace', 'istio-system'],
    ['RequestAuthentication', 'jwt', { spec: { jwtRules: [{ issuer: 'a' }] } }],
    [
      'Deployment',
      'istiod',
      { spec: { template: { spec: { containers: [{ name: 'discovery' }] } } } },
      { namespace: 'istio-system', labels: { app: 'istiod' } },
    ],
  ]);
  const { stdout } = await runIstioctl(['analyze', '-n', 'istio-system'], { api });
  assert.equal(
    stdout,
    'Warning [IST0175] (Deployment istio-system/istiod) BLOCKED_CIDRS_IN_JWKS_URIS is not configured but 1 RequestAuthentication resource(s) exist (default/jwt). Consider configuring it to restrict JWKS URI fetches to trusted networks.\n',
  );
});
