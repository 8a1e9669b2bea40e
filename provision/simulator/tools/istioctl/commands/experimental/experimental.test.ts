import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { JsonObject } from '../../../../kinds/object.ts';
import { DUMP } from '../../testing/envoy-dump.ts';
import { FakeApi } from '../../testing/fake-api.ts';
import { runIstioctl } from '../../testing/run-istioctl.ts';

const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

test('authz check lists policies by action, with the number of their rules', async () => {
  const files = { 'dump.json': DUMP };
  assert.deepEqual(await runIstioctl(['x', 'authz', 'check', '-f', 'dump.json'], { files }), {
    status: 0,
    stdout: `ACTION   AuthorizationPolicy   RULES
DENY     no-delete.default     1
ALLOW    allow-page.default    2
`,
    stderr: '',
  });
  const bare = await runIstioctl(['x', 'authz', 'check']);
  assert.equal(bare.stderr, 'Error: expecting pod name or config dump, found: 0\n');
});

function webhook(namespaces: JsonObject, pods: JsonObject): JsonObject {
  return {
    name: 'namespace.sidecar-injector.istio.io',
    namespaceSelector: namespaces,
    objectSelector: pods,
  };
}

function injected(): FakeApi {
  const api = new FakeApi();
  api.put('/api/v1/namespaces/default', {
    metadata: { name: 'default', labels: { 'istio-injection': 'enabled' } },
  });
  api.put('/api/v1/namespaces/off', {
    metadata: { name: 'off', labels: { 'istio-injection': 'disabled' } },
  });
  const inject = { key: 'sidecar.istio.io/inject', operator: 'NotIn', values: ['false'] };
  const enabled = { key: 'istio-injection', operator: 'In', values: ['enabled'] };
  const never = { matchLabels: { 'istio.io/deactivated': 'never-match' } };
  for (const [name, hook] of [
    [
      'istio-revision-tag-default',
      webhook({ matchExpressions: [enabled] }, { matchExpressions: [inject] }),
    ],
    ['istio-sidecar-injector', webhook(never, never)],
  ] as const) {
    api.put(`${WEBHOOKS}/${name}`, {
      metadata: { name, labels: { app: 'sidecar-injector', 'istio.io/rev': 'default' } },
      webhooks: [hook],
    });
  }
  return api;
}

test('check-inject tells for each webhook whether it injects, and why', async () => {
  const rows = async (...args: readonly string[]) => {
    const { stdout } = await runIstioctl(['x', 'check-inject', ...args], { api: injected() });
    return stdout.split('\n').slice(1, 2);
  };
  assert.equal(
    (await runIstioctl(['x', 'check-inject', '-l', 'app=a'], { api: injected() })).stdout,
    `WEBHOOK                     REVISION  INJECTED  REASON
istio-revision-tag-default  default   ✔         Namespace label istio-injection=enabled matches
istio-sidecar-injector      default   ✘         The injection webhook is deactivated, and will never match labels.
`,
  );
  assert.deepEqual(await rows('-l', 'sidecar.istio.io/inject=false'), [
    'istio-revision-tag-default  default   ✘         Pod has sidecar.istio.io/inject=false label, preventing injection',
  ]);
  assert.deepEqual(await rows('-l', 'app=a', '-n', 'off'), [
    'istio-revision-tag-default  default   ✘         Namespace has istio-injection=disabled label, preventing injection',
  ]);
  assert.equal(
    (await runIstioctl(['x', 'check-inject', '-l', 'a=b'], { api: withNamespace() })).stdout,
    'ERROR: no Istio injection hooks present.\n',
  );
});

function withNamespace(): FakeApi {
  const api = new FakeApi();
  api.put('/api/v1/namespaces/default', { metadata: { name: 'default' } });
  return api;
}

test('injector list tells which namespaces are injected, and by whom', async () => {
  const api = injected();
  api.put('/api/v1/namespaces/default/pods/a', {
    metadata: { name: 'a', namespace: 'default', annotations: { 'istio.io/rev': 'default' } },
  });
  api.put('/api/v1/namespaces/default/pods/b', { metadata: { name: 'b', namespace: 'default' } });
  assert.equal(
    (await runIstioctl(['x', 'injector', 'list'], { api })).stdout,
    `NAMESPACE ISTIO-REVISION POD-REVISIONS
default   default        default: 1
default   default        <non-Istio>: 1 NEEDS RESTART: 1

NAMESPACES          INJECTOR-HOOK              ISTIO-REVISION SIDECAR-IMAGE
default             istio-revision-tag-default default        
DOES NOT AUTOINJECT istio-sidecar-injector     default        
`,
  );
});

function askedFor(args: readonly string[]) {
  return { status: 0, stdout: JSON.stringify({ asked: args.at(-1) ?? '' }), stderr: '' };
}

test('envoy-stats asks the proxy for the statistics and the format that are wanted', async () => {
  const api = new FakeApi();
  api.put('/api/v1/namespaces/default/pods/web', { metadata: { name: 'web' } });
  const shown = async (...args: readonly string[]) => {
    const { stdout, stderr } = await runIstioctl(['x', 'es', 'web', ...args], {
      api,
      kubectl: askedFor,
    });
    return stdout.replace('\nThe result of pod web:\n\n', '') + stderr;
  };
  assert.deepEqual(
    [
      await shown(),
      await shown('-o', 'prom'),
      await shown('-t', 'clusters', '-o', 'yaml'),
      await shown('-o', 'json'),
      await shown('-o', 'xml'),
      await shown('-t', 'listeners'),
    ],
    [
      '{"asked":"stats"}',
      '{"asked":"stats/prometheus"}',
      'asked: clusters?format=json\n',
      '{\n    "asked": "stats?format=json"\n}\n',
      'Error: unable to match a printer suitable for the output format xml, allowed formats are: json,yaml,short,prom,prom-merged\n',
      'Error: unknown stats type listeners\n',
    ],
  );
});

function withIstiod(answers: Readonly<Record<string, string>>): FakeApi {
  const pods = '/api/v1/namespaces/istio-system/pods';
  const pages = Object.entries(answers).map(([page, text]) => [
    `GET ${pods}/istiod-1:15014/proxy/debug/${page}`,
    JSON.parse(text),
  ]);
  const api = new FakeApi({ answers: Object.fromEntries(pages) });
  api.put(`${pods}/istiod-1`, {
    metadata: { name: 'istiod-1', namespace: 'istio-system', labels: { app: 'istiod' } },
  });
  return api;
}

test('internal-debug and remote-clusters show what istiod says', async () => {
  const clusters = '[{"id":"Kubernetes","secretName":"","syncStatus":"synced"}]';
  const api = withIstiod({ syncz: '[]', clusterz: clusters, list: '["syncz"]' });
  const run = (...args: readonly string[]) => runIstioctl(args, { api });
  assert.equal((await run('x', 'internal-debug', 'syncz')).stdout, '[]\n');
  assert.equal((await run('x', 'internal-debug', '-L')).stdout, '["syncz"]\n');
  assert.deepEqual(await run('x', 'internal-debug'), {
    status: 64,
    stdout: '',
    stderr:
      'Error: debug type is required, you can specify --list flag to list supported debug types\n',
  });
  assert.equal(
    (await run('remote-clusters')).stdout,
    `NAME           SECRET     STATUS     ISTIOD
Kubernetes                synced     istiod-1
`,
  );
  assert.equal(
    (await runIstioctl(['x', 'internal-debug', 'syncz'], { api: new FakeApi() })).stderr,
    'Error: no running Istio pods in namespace "istio-system"\n',
  );
  assert.equal(
    (await runIstioctl(['x', 'metrics', 'web'], { api: new FakeApi() })).stderr,
    'Error: no Prometheus pods found\n',
  );
});

const CLUSTER_TYPE = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';
const ROUTE_TYPE = 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration';

test('proxy-status shows who is connected, and with -v what each proxy has', async () => {
  const sent_time = new Date(Date.UTC(2026, 0, 1) - 300_000).toISOString();
  const resources = {
    [CLUSTER_TYPE]: { sent: 'b', acked: 'a', sent_time },
    [ROUTE_TYPE]: { sent: 'b', acked: 'b', sent_time },
  };
  const web = {
    proxy: 'web.default',
    cluster_id: 'Kubernetes',
    istio_version: '1.30.3',
    resources,
  };
  const api = withIstiod({ syncz: JSON.stringify([web]) });
  const run = (...args: readonly string[]) => runIstioctl(['ps', ...args], { api });
  assert.equal(
    (await run()).stdout,
    `NAME            CLUSTER        ISTIOD       VERSION     SUBSCRIBED TYPES
web.default     Kubernetes     istiod-1     1.30.3      2 (CDS,RDS)
`,
  );
  assert.equal(
    (await run('-v', '1')).stdout,
    `NAME            CLUSTER        CDS            ECDS        EDS         LDS         RDS             ISTIOD       VERSION
web.default     Kubernetes     STALE (5m)     IGNORED     IGNORED     IGNORED     SYNCED (5m)     istiod-1     1.30.3
`,
  );
  assert.equal((await run('-n', 'other')).stdout.split('\n').length, 2);
  assert.equal((await run('-o', 'xml')).stderr, 'Error: output format "xml" not supported\n');
});

test('proxy-status of a pod compares what istiod sent with what the proxy has', async () => {
  const path = '/api/v1/namespaces/istio-system/pods/istiod-1:15014/proxy/debug/config_dump';
  const api = withIstiod({});
  api.put(path, JSON.parse(DUMP));
  api.put('/api/v1/namespaces/default/pods/web', { metadata: { name: 'web' } });
  const compare = async (own: string) =>
    (
      await runIstioctl(['ps', 'web'], {
        api,
        kubectl: () => ({ status: 0, stdout: own, stderr: '' }),
      })
    ).stdout;
  assert.equal(await compare(DUMP), 'Clusters Match\nListeners Match\nRoutes Match\n');
  const other = await compare(DUMP.replace('"ORIGINAL_DST"', '"STATIC"'));
  assert.ok(
    other.startsWith("Clusters Don't Match\n--- Istiod Clusters\n+++ Envoy Clusters\n@@ -"),
  );
  assert.deepEqual(
    other.split('\n').filter((line) => /^[-+] /.test(line)),
    ['-                "type": "ORIGINAL_DST"', '+                "type": "STATIC"'],
  );
});

test('workload group create prints a WorkloadGroup, and config list the defaults', async () => {
  const typed = 'x workload group create --name foo -n bar --labels app=foo,v=1 --ports grpc=3550';
  assert.equal(
    (await runIstioctl(typed.split(' '))).stdout,
    `apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata:
  name: foo
  namespace: bar
spec:
  metadata:
    labels:
      app: foo
      v: "1"
  template:
    ports:
      grpc: 3550
    serviceAccount: default
`,
  );
  const { stdout } = await runIstioctl(['x', 'config', 'list']);
  assert.equal(
    stdout.split('\n').find((line) => line.startsWith('istioNamespace')),
    'istioNamespace          istio-system     default',
  );
});
