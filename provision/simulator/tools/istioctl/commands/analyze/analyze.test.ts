import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeApi } from '../../testing/fake-api.ts';
import { runIstioctl } from '../../testing/run-istioctl.ts';

function cluster(labels: Readonly<Record<string, string>>): FakeApi {
  const api = new FakeApi();
  api.put('/api/v1/namespaces/default', { metadata: { name: 'default', labels } });
  api.put('/api/v1/namespaces/default/services/reviews', {
    metadata: { name: 'reviews', namespace: 'default' },
    spec: { ports: [{ port: 9080, targetPort: 9080, name: 'http' }] },
  });
  return api;
}

const VIRTUAL_SERVICE = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: reviews
spec:
  hosts: [reviews]
  gateways: [mesh, missing-gateway]
  http:
    - route:
        - destination: { host: reviews, subset: v9 }
        - destination: { host: ratingz }
`;

test('istioctl analyze is content with a clean namespace', async () => {
  assert.deepEqual(
    await runIstioctl(['analyze'], { api: cluster({ 'istio-injection': 'enabled' }) }),
    {
      status: 0,
      stdout: '\n',
      stderr: '✔ No validation issues found when analyzing namespace: default.\n',
    },
  );
});

test('istioctl analyze tells of a namespace that says nothing about injection', async () => {
  assert.deepEqual(await runIstioctl(['analyze'], { api: cluster({}) }), {
    status: 0,
    stdout:
      "Info [IST0102] (Namespace default) The namespace is not enabled for Istio injection. Run 'kubectl label namespace default istio-injection=enabled' to enable it, or 'kubectl label namespace default istio-injection=disabled' to explicitly mark it as not needing injection.\n",
    stderr: '',
  });
});

test('istioctl analyze finds pods without a proxy and ports without a protocol', async () => {
  const api = cluster({ 'istio-injection': 'enabled' });
  api.put('/api/v1/namespaces/default/pods/old', {
    metadata: { name: 'old', namespace: 'default' },
    spec: { containers: [{ name: 'app' }] },
  });
  api.put('/api/v1/namespaces/default/services/odd', {
    metadata: { name: 'odd', namespace: 'default' },
    spec: { ports: [{ port: 81, targetPort: 8081, name: 'web' }] },
  });
  const { status, stdout } = await runIstioctl(['analyze'], { api });
  assert.deepEqual(stdout.split('\n'), [
    'Warning [IST0103] (Pod default/old) The pod default/old is missing the Istio proxy. This can often be resolved by restarting or redeploying the workload.',
    "Info [IST0118] (Service default/odd) Port name web (port: 81, targetPort: 8081) doesn't follow the naming convention of Istio port.",
    '',
  ]);
  assert.equal(status, 0);
});

test('istioctl analyze fails with status 79 on references to what does not exist', async () => {
  const ran = await runIstioctl(['analyze', 'rule.yaml'], {
    api: cluster({ 'istio-injection': 'enabled' }),
    files: { 'rule.yaml': VIRTUAL_SERVICE },
  });
  assert.deepEqual(ran, {
    status: 79,
    stdout: [
      'Error [IST0101] (VirtualService default/reviews rule.yaml) Referenced gateway not found: "default/missing-gateway"',
      'Error [IST0101] (VirtualService default/reviews rule.yaml) Referenced host not found: "ratingz"',
      'Error [IST0101] (VirtualService default/reviews rule.yaml) Referenced host+subset in destinationrule not found: "reviews+v9"',
      '',
    ].join('\n'),
    stderr:
      'Error: Analyzers found issues when analyzing namespace: default.\nSee https://istio.io/v1.30/docs/reference/config/analysis for more information about causes and resolutions.\n',
  });
});

test('istioctl analyze leaves out what -S names, and speaks JSON', async () => {
  const api = cluster({});
  const suppressed = await runIstioctl(['analyze', '-S', 'IST0102=Namespace def*'], { api });
  assert.equal(suppressed.stdout, '\n');
  const { stdout } = await runIstioctl(['analyze', '-o', 'json'], { api });
  const [first]: readonly Record<string, string>[] = JSON.parse(stdout);
  assert.deepEqual(
    { code: first?.['code'], level: first?.['level'], origin: first?.['origin'] },
    { code: 'IST0102', level: 'Info', origin: 'Namespace default' },
  );
});
