import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SAIL } from '../../terminal/sail.ts';
import { FakeApi, readyAtOnce } from '../../testing/fake-api.ts';
import { runIstioctl } from '../../testing/run-istioctl.ts';

const CRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gateways.networking.istio.io' },
};

test('istioctl install asks, sails, tells of each component in order and ends well', async () => {
  const api = new FakeApi({ controller: readyAtOnce });
  const ran = await runIstioctl(['install', '--set', 'profile=demo'], {
    api,
    crds: [CRD],
    typed: ['y'],
  });
  assert.equal(
    ran.stdout,
    'This will install the Istio 1.30.3 profile "demo" into the cluster. Proceed? (y/N) ',
  );
  assert.deepEqual(ran.stderr.replace(`${SAIL}\n`, '').split('\n'), [
    '- Processing resources for Egress gateways, Ingress gateways, Istio core, Istiod.',
    '✔ Istio core installed ⛵️',
    '- Processing resources for Egress gateways, Ingress gateways, Istiod.',
    '✔ Istiod installed 🧠',
    '- Processing resources for Egress gateways, Ingress gateways.',
    '✔ Ingress gateways installed 🛬',
    '- Processing resources for Egress gateways.',
    '✔ Egress gateways installed 🛫',
    '- Pruning removed resources',
    '✔ Installation complete',
    '',
  ]);
  assert.equal(ran.status, 0);
  assert.equal(SAIL.split('\n').length, 15);
});

test('istioctl install sends every object by server-side apply as istio-operator, forced', async () => {
  const api = new FakeApi({ controller: readyAtOnce });
  await runIstioctl(['install', '-y', '--set', 'profile=minimal'], { api });
  const writes = api.requests.filter((request) => request.startsWith('PATCH'));
  assert.equal(
    writes[0],
    'PATCH /api/v1/namespaces/istio-system?fieldManager=istio-operator&force=true',
  );
  assert.ok(writes.every((request) => request.endsWith('?fieldManager=istio-operator&force=true')));
  assert.ok(
    writes.includes(
      'PATCH /apis/apps/v1/namespaces/istio-system/deployments/istiod?fieldManager=istio-operator&force=true',
    ),
  );
});

test('istioctl install changes nothing unless the answer is yes', async () => {
  const api = new FakeApi();
  const ran = await runIstioctl(['install'], { api, typed: ['no'] });
  assert.deepEqual(
    { status: ran.status, stdout: ran.stdout },
    {
      status: 1,
      stdout:
        'This will install the Istio 1.30.3 profile "default" into the cluster. Proceed? (y/N) Cancelled.\n',
    },
  );
  assert.deepEqual([...api.objects], []);
});

test('a smaller profile takes away what the one before it had', async () => {
  const api = new FakeApi({ controller: readyAtOnce });
  await runIstioctl(['install', '-y', '--set', 'profile=demo'], { api });
  const ran = await runIstioctl(['install', '-y', '--set', 'profile=minimal'], { api });
  assert.deepEqual(
    ran.stderr.split('\n').filter((line) => line.startsWith('  Removed')),
    [
      '  Removed Deployment:istio-system:istio-ingressgateway.',
      '  Removed Deployment:istio-system:istio-egressgateway.',
      '  Removed Service:istio-system:istio-ingressgateway.',
      '  Removed Service:istio-system:istio-egressgateway.',
      '  Removed ServiceAccount:istio-system:istio-ingressgateway-service-account.',
      '  Removed ServiceAccount:istio-system:istio-egressgateway-service-account.',
      '  Removed RoleBinding:istio-system:istio-ingressgateway-sds.',
      '  Removed RoleBinding:istio-system:istio-egressgateway-sds.',
      '  Removed Role:istio-system:istio-ingressgateway-sds.',
      '  Removed Role:istio-system:istio-egressgateway-sds.',
    ],
  );
});

test('istioctl uninstall --purge leaves the namespace and nothing else', async () => {
  const api = new FakeApi({ controller: readyAtOnce });
  await runIstioctl(['install', '-y'], { api, crds: [CRD] });
  const ran = await runIstioctl(['uninstall', '--purge'], { api, typed: ['y'] });
  const lines = ran.stderr.split('\n');
  assert.equal(lines[0], 'All Istio resources will be pruned from the cluster');
  assert.equal(lines.at(-2), '✔ Uninstall complete');
  assert.deepEqual([...api.objects.keys()], ['/api/v1/namespaces/istio-system']);
});

test('istioctl uninstall wants to know what', async () => {
  assert.deepEqual(await runIstioctl(['uninstall', '-y']), {
    status: 1,
    stdout: '',
    stderr:
      'Error: at least one of the --revision (or --set revision=<revision>), --filename or --purge flags must be set\n',
  });
});

test('istioctl version counts control planes and proxies, and says that they are simulated', async () => {
  const api = new FakeApi({ controller: readyAtOnce });
  const before = await runIstioctl(['version'], { api });
  assert.deepEqual(before, {
    status: 0,
    stdout: 'client version: 1.30.3\n(Regatta simulator)\n',
    stderr: 'Istio is not present in the cluster\n',
  });
  await runIstioctl(['install', '-y'], { api });
  const none = await runIstioctl(['version'], { api });
  api.put('/api/v1/namespaces/istio-system/pods/istio-ingressgateway-1', {
    metadata: { name: 'istio-ingressgateway-1', namespace: 'istio-system' },
    spec: {
      containers: [
        {
          name: 'istio-proxy',
          image: 'registry.istio.io/release/proxyv2:1.30.3',
          args: ['router'],
        },
      ],
    },
    status: { phase: 'Running' },
  });
  const one = await runIstioctl(['version'], { api });
  assert.deepEqual(
    [none.stdout, one.stdout],
    ['none', '1.30.3 (1 proxies)'].map(
      (proxies) =>
        `client version: 1.30.3\ncontrol plane version: 1.30.3\ndata plane version: ${proxies}\n(Regatta simulator)\n`,
    ),
  );
});
