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
      'Warning [IST0132] (VirtualService default/reviews rule.yaml) one or more host [reviews] defined in VirtualService default/reviews not found in Gateway default/missing-gateway.',
      '',
    ].join('\n'),
    stderr:
      'Error: Analyzers found issues when analyzing namespace: default.\nSee https://istio.io/v1.30/docs/reference/config/analysis for more information about causes and resolutions.\n',
  });
});

test('istioctl analyze finds empty subsets, rules for one host, and hosts and ports a gateway has not', async () => {
  const api = cluster({ 'istio-injection': 'enabled' });
  api.put('/api/v1/namespaces/istio-system/pods/gateway', {
    metadata: { name: 'gateway', namespace: 'istio-system', labels: { istio: 'ingressgateway' } },
  });
  api.put('/api/v1/namespaces/istio-system/services/gateway', {
    metadata: { name: 'gateway', namespace: 'istio-system' },
    spec: { selector: { istio: 'ingressgateway' }, ports: [{ port: 80, targetPort: 8080 }] },
  });
  api.put('/api/v1/namespaces/default/services/reviews', {
    spec: { selector: { app: 'reviews' }, ports: [{ port: 9080, name: 'http' }] },
    metadata: { name: 'reviews', namespace: 'default' },
  });
  const route = { route: [{ destination: { host: 'reviews' } }] };
  const documents = [
    {
      kind: 'Gateway',
      metadata: { name: 'door' },
      spec: {
        selector: { istio: 'ingressgateway' },
        servers: [
          { port: { number: 8080 }, hosts: ['*.example.com'] },
          { port: { number: 9999 }, hosts: ['default/*.example.com'] },
        ],
      },
    },
    {
      kind: 'VirtualService',
      metadata: { name: 'one' },
      spec: { hosts: ['reviews'], http: [route] },
    },
    {
      kind: 'VirtualService',
      metadata: { name: 'two' },
      spec: { hosts: ['reviews'], http: [route] },
    },
    {
      kind: 'VirtualService',
      metadata: { name: 'outside' },
      spec: { hosts: ['shop.example.com', 'wrong.org'], gateways: ['door'], http: [route] },
    },
    {
      kind: 'DestinationRule',
      metadata: { name: 'reviews' },
      spec: { host: 'reviews', subsets: [{ name: 'v7', labels: { version: 'v7' } }] },
    },
  ].map((object) => JSON.stringify({ apiVersion: 'networking.istio.io/v1', ...object }));
  const ran = await runIstioctl(['analyze', 'all.yaml'], {
    api,
    files: { 'all.yaml': documents.join('\n---\n') },
  });
  const conflict =
    'The VirtualServices default/one,default/two associated with mesh gateway define the same host */reviews.default.svc.cluster.local which can lead to undefined behavior. This can be fixed by merging the conflicting VirtualServices into a single resource.';
  assert.deepEqual(ran.stdout.split('\n'), [
    `Error [IST0109] (VirtualService default/one all.yaml) ${conflict}`,
    `Error [IST0109] (VirtualService default/two all.yaml) ${conflict}`,
    'Error [IST0173] (DestinationRule default/reviews all.yaml) The Subset v7 defined in the DestinationRule does not select any pods. Which may lead to 503 UH (NoHealthyUpstream).',
    'Warning [IST0132] (VirtualService default/outside all.yaml) one or more host [wrong.org] defined in VirtualService default/outside not found in Gateway default/door.',
    'Warning [IST0162] (Gateway default/door all.yaml) The gateway is listening on a target port (port 9999) that is not defined in the Service associated with its workload instances (Pod selector istio=ingressgateway). If you need to access the gateway port through the gateway Service, it will not be available.',
    '',
  ]);
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
