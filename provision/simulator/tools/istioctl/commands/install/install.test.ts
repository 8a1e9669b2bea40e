import assert from 'node:assert/strict';
import { test } from 'node:test';

import { textAt } from '../../../install/tree.ts';
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

test('istioctl install asks until it is answered, and changes nothing without a yes', async () => {
  const api = new FakeApi();
  const ran = await runIstioctl(['install'], { api, typed: ['perhaps', 'no'] });
  assert.deepEqual(ran, {
    status: 1,
    stdout:
      'This will install the Istio 1.30.3 profile "default" into the cluster. Proceed? (y/N) '.repeat(
        2,
      ),
    stderr: `${SAIL}\nCancelled.\n`,
  });
  assert.deepEqual([...api.objects], []);
});

test('a smaller profile takes away what the one before it had', async () => {
  const api = new FakeApi({ controller: readyAtOnce });
  await runIstioctl(['install', '-y', '--set', 'profile=demo'], { api });
  const ran = await runIstioctl(['install', '-y', '--set', 'profile=minimal'], { api });
  assert.equal(
    ran.stdout,
    [
      'apps/v1, Kind=Deployment/istio-ingressgateway',
      'apps/v1, Kind=Deployment/istio-egressgateway',
      '/v1, Kind=Service/istio-ingressgateway',
      '/v1, Kind=Service/istio-egressgateway',
      '/v1, Kind=ServiceAccount/istio-ingressgateway-service-account',
      '/v1, Kind=ServiceAccount/istio-egressgateway-service-account',
      'rbac.authorization.k8s.io/v1, Kind=RoleBinding/istio-ingressgateway-sds',
      'rbac.authorization.k8s.io/v1, Kind=RoleBinding/istio-egressgateway-sds',
      'rbac.authorization.k8s.io/v1, Kind=Role/istio-ingressgateway-sds',
      'rbac.authorization.k8s.io/v1, Kind=Role/istio-egressgateway-sds',
    ]
      .map((name) => `  Removed ${name}.istio-system.\n`)
      .join(''),
  );
});

test('istioctl install --dry-run tells what it would do and sends nothing', async () => {
  const api = new FakeApi();
  const ran = await runIstioctl(['install', '--dry-run', '--set', 'profile=minimal'], { api });
  assert.deepEqual(
    { status: ran.status, lines: ran.stderr.split('\n').slice(-5), objects: [...api.objects] },
    {
      status: 0,
      lines: [
        '✔ Istio core installed ⛵️',
        '- Processing resources for Istiod.',
        '✔ Istiod installed 🧠',
        '✔ Installation complete',
        '',
      ],
      objects: [],
    },
  );
});

test('istioctl install warns of another version, and says why a Deployment does not become ready', async () => {
  const api = new FakeApi({
    isQuiet: true,
    controller: (object) =>
      textAt(object, 'kind') === 'CustomResourceDefinition' ? readyAtOnce(object) : object,
  });
  api.put('/apis/apps/v1/namespaces/istio-system/deployments/istiod', {
    metadata: {
      name: 'istiod',
      namespace: 'istio-system',
      labels: { app: 'istiod', 'istio.io/rev': 'default' },
    },
    spec: { template: { spec: { containers: [{ image: 'istio/pilot:1.29.1' }] } } },
  });
  api.put('/api/v1/namespaces/istio-system/pods/istiod-1', {
    metadata: {
      name: 'istiod-1',
      namespace: 'istio-system',
      labels: { app: 'istiod', istio: 'pilot' },
    },
    status: {
      containerStatuses: [
        { state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } } },
      ],
    },
  });
  const ran = await runIstioctl(['install', '-y', '--readiness-timeout', '0s'], { api });
  const why =
    'failed to wait for resource: resources not ready after 0s: context deadline exceeded\n  Deployment/istio-system/istiod (container failed to start: ImagePullBackOff: Back-off pulling image)';
  assert.deepEqual(
    { ...ran, stderr: ran.stderr.replace(`${SAIL}\n`, '') },
    {
      status: 1,
      stdout: '',
      stderr: `WARNING: Istio is being upgraded from 1.29.1 to 1.30.3.
         Running this command will overwrite it; use revisions to upgrade alongside the existing version.
         Before upgrading, you may wish to use 'istioctl x precheck' to check for upgrade warnings.
- Processing resources for Ingress gateways, Istio core, Istiod.
✔ Istio core installed ⛵️
- Processing resources for Ingress gateways, Istiod.
- Processing resources for Ingress gateways, Istiod. Waiting for Deployment/istio-system/istiod
✘ Istiod encountered an error: ${why}
Error: failed to install manifests: ${why}
`,
    },
  );
});

test('istioctl install refuses, in its own words, what Istio does not know', async () => {
  const errors = await Promise.all(
    [
      ['install', '-y', '--set', 'profile=tiny'],
      ['manifest', 'generate', '--set', 'values.foo=1'],
      ['install', '--revision', 'A.b'],
      ['install', 'now'],
      ['upgrade', '-y', '-f', 'two.yaml'],
    ].map(async (args) => {
      const files = { 'two.yaml': 'kind: IstioOperator\n---\nkind: IstioOperator\n' };
      const ran = await runIstioctl(args, { api: new FakeApi(), files });
      return `${ran.status} ${ran.stderr.replace(`${SAIL}\n`, '')}`;
    }),
  );
  assert.deepEqual(errors, [
    '1 Error: generate config: merge inputs: profile "tiny" not found: open profiles/tiny.yaml: file does not exist\n',
    '1 Error: could not unmarshal: error unmarshaling JSON: while decoding JSON: unknown field "foo" in istio.operator.v1alpha1.Values\n',
    '1 Error: invalid revision specified: A.b\n',
    '1 Error: accepts 0 arg(s), received 1\n',
    '1 Error: generate config: merge inputs: contains multiple IstioOperator CRs, only one per file is supported\n',
  ]);
});

test('istioctl manifest generate prints what others wait for first, and closes every document', async () => {
  const ran = await runIstioctl(['manifest', 'generate', '--set', 'profile=minimal'], {
    crds: [CRD],
  });
  const kinds = ran.stdout
    .split('\n\n---\n')
    .map((document) => /^kind: (.*)$/m.exec(document)?.[1] ?? 'end');
  assert.deepEqual(kinds, [
    'CustomResourceDefinition',
    'ServiceAccount',
    'ServiceAccount',
    'ClusterRole',
    'ClusterRole',
    'ClusterRole',
    'ClusterRoleBinding',
    'ClusterRoleBinding',
    'ClusterRoleBinding',
    'ValidatingWebhookConfiguration',
    'ValidatingWebhookConfiguration',
    'ConfigMap',
    'ConfigMap',
    'ConfigMap',
    'MutatingWebhookConfiguration',
    'MutatingWebhookConfiguration',
    'Deployment',
    'PodDisruptionBudget',
    'Role',
    'RoleBinding',
    'HorizontalPodAutoscaler',
    'Service',
    'Service',
    'end',
  ]);
  const written = await runIstioctl(
    ['manifest', 'generate', '--set', 'profile=minimal', '-o', 'istio.yaml'],
    { crds: [CRD] },
  );
  assert.deepEqual(written, {
    status: 0,
    stdout: '',
    stderr: '',
    files: { 'istio.yaml': ran.stdout },
  });
});

test('istioctl manifest translate writes values and scripts for Helm, and names what Helm has no chart for', async () => {
  const ran = await runIstioctl(
    ['manifest', 'translate', '-o', 'out', '--set', 'components.pilot.k8s.replicaCount=2'],
    { crds: [CRD] },
  );
  assert.equal(ran.stdout, 'Output written to out! See the README.md for next steps\n');
  assert.deepEqual(Object.keys(ran.files ?? {}), [
    'out/base-values.yaml',
    'out/install-base.sh',
    'out/pilot-values.yaml',
    'out/install-pilot.sh',
    'out/diff-pilot-helm-output.yaml',
    'out/diff-pilot-istioctl-output.yaml',
    'out/README.md',
  ]);
  assert.equal(
    ran.files?.['out/README.md']?.split('# Components\n')[1],
    `* ✅ **Component \`base\`**: migration is supported!

  The translated values have been written to base-values.yaml.
  You may use these directly, or follow the guided \`install-base.sh\` script.
* ✅ **Component \`pilot\`**: migration is supported!

  ⚠️ Component rendering is different between Istioctl and Helm!
  This may be from incompatibilities between the two installation methods.
  Review the difference between the two and take appropriate actions to resolve these, if needed: \`diff diff-pilot-helm-output.yaml diff-pilot-istioctl-output.yaml\`.

  The translated values have been written to pilot-values.yaml.
  You may use these directly, or follow the guided \`install-pilot.sh\` script.
* ❌ **Component \`istio-ingressgateway\`**: migration is **NOT** directly supported!
`,
  );
});

test('istioctl uninstall --purge leaves the namespace and nothing else', async () => {
  const api = new FakeApi({ controller: readyAtOnce });
  await runIstioctl(['install', '-y'], { api, crds: [CRD] });
  const ran = await runIstioctl(['uninstall', '--purge'], { api, typed: ['y'] });
  const lines = ran.stdout.split('\n');
  assert.deepEqual(lines.slice(0, 2), [
    'All Istio resources will be pruned from the cluster',
    'Proceed? (y/N)   Removed apps/v1, Kind=Deployment/istiod.istio-system.',
  ]);
  assert.equal(ran.stderr, '✔ Uninstall complete\n');
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

test('istioctl uninstall of a revision warns of its proxies and gateways, and leaves the rest', async () => {
  const api = new FakeApi({ controller: readyAtOnce });
  await runIstioctl(['install', '-y', '--set', 'profile=minimal'], { api });
  await runIstioctl(['install', '-y', '--revision', 'canary'], { api });
  api.put('/api/v1/namespaces/app/pods/web', {
    metadata: { name: 'web', namespace: 'app', annotations: { 'istio.io/rev': 'canary' } },
    spec: { initContainers: [{ name: 'istio-proxy' }] },
  });
  const gone = await runIstioctl(['uninstall', '--revision', 'gone'], { api });
  const refused = await runIstioctl(['uninstall', '--revision', 'canary'], { api, typed: ['n'] });
  assert.deepEqual(
    { gone, refused },
    {
      gone: { status: 1, stdout: '', stderr: 'Error: could not find target revision\n' },
      refused: {
        status: 1,
        stdout: `There are still 1 proxies pointing to the control plane revision canary
web.app
If you proceed with the uninstall, these proxies will become detached from any control plane and will not function correctly.
You are about to remove the following gateways: istio-ingressgateway. To avoid downtime, please quit this command and reinstall the gateway(s) with a revision that is not being removed from the cluster.
Proceed? (y/N) `,
        stderr: 'Cancelled.\n',
      },
    },
  );
  await runIstioctl(['uninstall', '-y', '--revision', 'canary'], { api });
  const deployments = [...api.objects.keys()].filter((key) => key.includes('/deployments/'));
  assert.deepEqual(deployments, ['/apis/apps/v1/namespaces/istio-system/deployments/istiod']);
  const nothing = await runIstioctl(['uninstall', '--set', 'revision=canary'], { api });
  assert.deepEqual(nothing, {
    status: 0,
    stdout:
      'No resources will be pruned from the cluster. Please double check the input configs\n\n',
    stderr: '✔ Uninstall complete\n',
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
