import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DUMP } from '../../testing/envoy-dump.ts';
import { FakeApi } from '../../testing/fake-api.ts';
import { runIstioctl } from '../../testing/run-istioctl.ts';

const NETWORKING = '/apis/networking.istio.io/v1/namespaces/default';
const LABELS = { app: 'reviews', version: 'v1' };

function reviews(spec: object = {}): FakeApi {
  const api = new FakeApi();
  api.put('/api/v1/namespaces/default/pods/reviews-v1', {
    metadata: {
      name: 'reviews-v1',
      namespace: 'default',
      labels: LABELS,
      annotations: { 'istio.io/rev': 'default' },
    },
    spec: {
      containers: [{ name: 'reviews', ports: [{ containerPort: 9080, protocol: 'TCP' }] }],
      initContainers: [{ name: 'istio-proxy', image: 'proxyv2:1.30.3' }],
    },
    status: {
      phase: 'Running',
      containerStatuses: [{ name: 'reviews', ready: true }],
      initContainerStatuses: [{ name: 'istio-proxy', ready: true }],
    },
  });
  api.put('/api/v1/namespaces/default/services/reviews', {
    metadata: { name: 'reviews', namespace: 'default' },
    spec: {
      selector: { app: 'reviews' },
      ports: [{ name: 'http', port: 9080, targetPort: 9080, protocol: 'TCP' }],
    },
  });
  api.put(`${NETWORKING}/destinationrules/reviews`, {
    metadata: { name: 'reviews', namespace: 'default' },
    spec: {
      host: 'reviews',
      subsets: ['v1', 'v2', 'v3'].map((name) => ({ name, labels: { version: name } })),
    },
  });
  api.put(`${NETWORKING}/virtualservices/reviews`, {
    metadata: { name: 'reviews', namespace: 'default' },
    spec: { hosts: ['reviews'], http: [{ route: [to('v1')] }], ...spec },
  });
  api.put('/api/v1/namespaces/istio-system/configmaps/istio', { data: { mesh: '' } });
  return api;
}

function to(subset: string, weight?: number) {
  return { destination: { host: 'reviews', subset }, ...(weight !== undefined && { weight }) };
}

const kubectl = () => ({ status: 0, stdout: DUMP, stderr: '' });

async function described(api: FakeApi, ...args: readonly string[]) {
  const ran = await runIstioctl(['x', 'describe', ...args], { api, kubectl });
  return [...ran.stdout.split('\n').slice(0, -1), ...(ran.stderr === '' ? [] : [ran.stderr])];
}

const POD = ['Pod: reviews-v1', '   Pod Revision: default', '   Pod Ports: 9080 (reviews)'];
const RULE = '--------------------';
const SERVICE = ['Service: reviews', '   Port: http 9080/HTTP targets pod port 9080'];
const SUBSETS = [
  'DestinationRule: reviews for "reviews"',
  '   Matching subsets: v1',
  '      (Non-matching subsets v2,v3)',
  '   No Traffic Policy',
];
const POLICIES = 'RBAC policies: ns[default]-policy[no-delete]-rule[0]';
const PERMISSIVE = ['Effective PeerAuthentication:', '   Workload mTLS mode: PERMISSIVE'];
const NO_GATEWAY = 'Skipping Gateway information (no ingress gateway pods)';

test('describe pod tells of ports, services, subsets, routes, policies and mutual TLS', async () => {
  assert.deepEqual(await described(reviews(), 'pod', 'reviews-v1'), [
    ...POD,
    RULE,
    ...SERVICE,
    ...SUBSETS,
    'VirtualService: reviews',
    '   1 HTTP route(s)',
    POLICIES,
    RULE,
    ...PERMISSIVE,
    NO_GATEWAY,
  ]);
});

async function lines(http: readonly object[]) {
  const shown = await described(reviews({ http }), 'svc', 'reviews');
  return shown.slice(shown.indexOf('VirtualService: reviews') + 1, shown.indexOf(POLICIES));
}

test('describe tells which routes lead to the pods, by weight and by match, and which do not', async () => {
  const jason = { match: [{ headers: { 'end-user': { exact: 'jason' } } }], route: [to('v2')] };
  assert.deepEqual(await lines([{ route: [to('v1', 50), to('v3', 50)] }]), [
    '   Route to host "reviews" subset "v1" with weight 50%',
  ]);
  assert.deepEqual(await lines([jason, { route: [to('v1')] }]), [
    '   1 additional destination(s) that will not reach this pod',
    '      Route to non-matching subset v2 for (Match:  when headers are end-user=jason)',
  ]);
  assert.deepEqual(await lines([{ route: [to('v9')] }, jason]), [
    '   WARNING: No destinations match pod subsets (checked 2 HTTP routes)',
    '      Warning: Route to UNKNOWN subset v9; check DestinationRule reviews',
    '      Route to non-matching subset v2 for (Match:  when headers are end-user=jason)',
  ]);
  const fault = { delay: { percentage: { value: 100 }, fixedDelay: '7s' } };
  assert.deepEqual(
    await lines([{ fault, match: [{ uri: { prefix: '/a' } }], route: [to('v1')] }]),
    ['   Fault injection delay:{percentage:{value:100} fixed_delay:{seconds:7}}, Match: /a*'],
  );
});

test('describe tells where a service is exposed, and by which VirtualService', async () => {
  const api = reviews({ gateways: ['shop', 'mesh'] });
  api.put('/api/v1/namespaces/istio-system/pods/ingress', {
    metadata: { name: 'ingress', namespace: 'istio-system', labels: { istio: 'ingressgateway' } },
    status: { phase: 'Running' },
  });
  api.put('/api/v1/namespaces/istio-system/services/istio-ingressgateway', {
    metadata: { name: 'istio-ingressgateway', namespace: 'istio-system' },
    spec: {
      selector: { istio: 'ingressgateway' },
      ports: [
        { name: 'status-port', port: 15021, targetPort: 15021, protocol: 'TCP' },
        { name: 'http2', port: 80, targetPort: 8080, protocol: 'TCP' },
      ],
    },
    status: { loadBalancer: { ingress: [{ ip: '172.30.255.10' }] } },
  });
  api.put(`${NETWORKING}/gateways/shop`, {
    metadata: { name: 'shop', namespace: 'default' },
    spec: { selector: { istio: 'ingressgateway' } },
  });
  const shown = await described(api, 'service', 'reviews.default', '-n', 'istio-system');
  assert.deepEqual(shown.slice(-4), [
    RULE,
    'Exposed on Ingress Gateway http://172.30.255.10',
    'VirtualService: reviews.default',
    '   1 HTTP route(s)',
  ]);
  assert.equal(shown[0], 'Service: reviews.default');
});

test('describe tells of PeerAuthentication that applies, port by port', async () => {
  const api = reviews();
  const path = '/apis/security.istio.io/v1/namespaces';
  api.put(`${path}/istio-system/peerauthentications/default`, {
    metadata: { name: 'default', namespace: 'istio-system' },
    spec: { mtls: { mode: 'STRICT' } },
  });
  api.put(`${path}/default/peerauthentications/reviews`, {
    metadata: { name: 'reviews', namespace: 'default' },
    spec: {
      selector: { matchLabels: { app: 'reviews' } },
      portLevelMtls: { 9080: { mode: 'DISABLE' } },
    },
  });
  const shown = await described(api, 'pod', 'reviews-v1');
  assert.deepEqual(shown.slice(shown.indexOf('Effective PeerAuthentication:')), [
    'Effective PeerAuthentication:',
    '   Workload mTLS mode: STRICT',
    '   Port Level mTLS mode:',
    '      9080: DISABLE',
    'Applied PeerAuthentication:',
    '   default.istio-system, reviews.default',
    NO_GATEWAY,
  ]);
});

function refuse() {
  return {
    status: 1,
    stdout: '',
    stderr: 'error: container istio-proxy is not valid for pod bare',
  };
}

test('describe says what a pod lacks, and fails where there is nothing to describe', async () => {
  const api = new FakeApi();
  api.put('/api/v1/namespaces/default/pods/bare', {
    metadata: { name: 'bare', namespace: 'default' },
    spec: { containers: [{ name: 'app' }] },
    status: { phase: 'Running', containerStatuses: [{ name: 'app', ready: false }] },
  });
  api.put('/api/v1/namespaces/default/services/lonely', {
    metadata: { name: 'lonely', namespace: 'default' },
    spec: { selector: { app: 'none' } },
  });
  assert.deepEqual(await runIstioctl(['x', 'describe', 'pod', 'bare'], { api, kubectl: refuse }), {
    status: 1,
    stdout: `Pod: bare
   Pod Revision: 
   Pod does not expose ports
WARNING: Pod bare Container app NOT READY
WARNING: bare is not part of mesh; no Istio sidecar
Warning: No Kubernetes Services select pod bare (see https://istio.io/docs/setup/kubernetes/additional-setup/requirements/ )
--------------------
`,
    stderr:
      'Error: failed to execute command on sidecar: container istio-proxy is not valid for pod bare\n',
  });
  assert.deepEqual(await described(api, 'svc', 'lonely'), ['Service "lonely" has no pods.']);
  assert.deepEqual(await described(api, 'pod', 'gone'), ['Error: pods "gone" not found\n']);
  assert.deepEqual(await described(api, 'pod'), ['Error: expecting pod name\n']);
  assert.deepEqual(await described(api, 'job'), ['Error: unknown resource type "job"\n']);
});
