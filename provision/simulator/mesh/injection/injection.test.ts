import assert from 'node:assert/strict';
import { test } from 'node:test';

import { injectPod, readInjectionSettings, wantsSidecar } from './index.ts';

const SETTINGS = readInjectionSettings({
  global: {
    hub: 'registry.istio.io/release',
    tag: '1.30.3',
    proxy: { resources: { requests: { cpu: '10m', memory: '40Mi' } } },
  },
});

const RATINGS = {
  metadata: {
    generateName: 'ratings-v1-7dcc-',
    labels: { app: 'ratings', version: 'v1', 'pod-template-hash': '7dcc' },
    annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9080' },
  },
  spec: {
    serviceAccountName: 'bookinfo-ratings',
    containers: [
      {
        name: 'ratings',
        image: 'registry.istio.io/release/examples-bookinfo-ratings-v1:1.20.3',
        ports: [{ name: 'http', containerPort: 9080 }],
        livenessProbe: { httpGet: { path: '/health', port: 'http' }, periodSeconds: 5 },
      },
    ],
    volumes: [{ name: 'own', emptyDir: {} }],
  },
};

function mount(name: string, mountPath: string) {
  return { name, mountPath };
}

function fromField(name: string, fieldPath: string) {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}

function fromLimit(name: string, resource: string) {
  return { name, valueFrom: { resourceFieldRef: { resource } } };
}

const RESOURCES = {
  limits: { cpu: '2000m', memory: '1024Mi' },
  requests: { cpu: '10m', memory: '40Mi' },
};
const HEALTH = { path: '/healthz/ready', port: 15_021 };
const IMAGE = 'registry.istio.io/release/proxyv2:1.30.3';
const PROBERS = {
  '/app-health/ratings/livez': { httpGet: { path: '/health', port: 9080 } },
};

const ISTIO_INIT = {
  name: 'istio-init',
  image: IMAGE,
  args: [
    'istio-iptables',
    '-p',
    '15001',
    '-z',
    '15006',
    '-u',
    '1337',
    '-m',
    'REDIRECT',
    '-i',
    '*',
    '-x',
    '',
    '-b',
    '*',
    '-d',
    '15090,15021,15020',
    '--log_output_level=default:info',
  ],
  resources: RESOURCES,
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { add: ['NET_ADMIN', 'NET_RAW'], drop: ['ALL'] },
    privileged: false,
    readOnlyRootFilesystem: false,
    runAsGroup: 0,
    runAsNonRoot: false,
    runAsUser: 0,
  },
};

const ISTIO_PROXY = {
  name: 'istio-proxy',
  image: IMAGE,
  args: [
    'proxy',
    'sidecar',
    '--domain',
    '$(POD_NAMESPACE).svc.cluster.local',
    '--proxyLogLevel=warning',
    '--proxyComponentLogLevel=misc:error',
    '--log_output_level=default:info',
  ],
  env: [
    { name: 'PILOT_CERT_PROVIDER', value: 'istiod' },
    { name: 'CA_ADDR', value: 'istiod.istio-system.svc:15012' },
    fromField('POD_NAME', 'metadata.name'),
    fromField('POD_NAMESPACE', 'metadata.namespace'),
    fromField('INSTANCE_IP', 'status.podIP'),
    fromField('SERVICE_ACCOUNT', 'spec.serviceAccountName'),
    fromField('HOST_IP', 'status.hostIP'),
    fromLimit('ISTIO_CPU_LIMIT', 'limits.cpu'),
    { name: 'PROXY_CONFIG', value: '{}\n' },
    {
      name: 'ISTIO_META_POD_PORTS',
      value: '[\n    {"name":"http","containerPort":9080}\n]',
    },
    { name: 'ISTIO_META_APP_CONTAINERS', value: 'ratings' },
    fromLimit('GOMEMLIMIT', 'limits.memory'),
    fromLimit('GOMAXPROCS', 'limits.cpu'),
    { name: 'ISTIO_META_CLUSTER_ID', value: 'Kubernetes' },
    fromField('ISTIO_META_NODE_NAME', 'spec.nodeName'),
    { name: 'ISTIO_META_INTERCEPTION_MODE', value: 'REDIRECT' },
    { name: 'ISTIO_META_WORKLOAD_NAME', value: 'ratings-v1' },
    {
      name: 'ISTIO_META_OWNER',
      value: 'kubernetes://apis/apps/v1/namespaces/default/deployments/ratings-v1',
    },
    { name: 'ISTIO_META_MESH_ID', value: 'cluster.local' },
    { name: 'TRUST_DOMAIN', value: 'cluster.local' },
    { name: 'ISTIO_PROMETHEUS_ANNOTATIONS', value: '{"scrape":"true","port":"9080"}' },
    { name: 'ISTIO_KUBE_APP_PROBERS', value: JSON.stringify(PROBERS) },
  ],
  lifecycle: {
    preStop: {
      exec: { command: ['pilot-agent', 'request', '--debug-port=15020', 'POST', 'drain'] },
    },
  },
  restartPolicy: 'Always',
  ports: [{ containerPort: 15_090, name: 'http-envoy-prom', protocol: 'TCP' }],
  readinessProbe: { httpGet: HEALTH, periodSeconds: 15, timeoutSeconds: 3, failureThreshold: 4 },
  startupProbe: { httpGet: HEALTH, periodSeconds: 1, timeoutSeconds: 3, failureThreshold: 600 },
  resources: RESOURCES,
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    privileged: false,
    readOnlyRootFilesystem: true,
    runAsGroup: 1337,
    runAsNonRoot: true,
    runAsUser: 1337,
  },
  volumeMounts: [
    mount('workload-socket', '/var/run/secrets/workload-spiffe-uds'),
    mount('credential-socket', '/var/run/secrets/credential-uds'),
    mount('workload-certs', '/var/run/secrets/workload-spiffe-credentials'),
    mount('istiod-ca-cert', '/var/run/secrets/istio'),
    mount('istio-ca-crl', '/var/run/secrets/istio/crl'),
    mount('istio-data', '/var/lib/istio/data'),
    mount('istio-envoy', '/etc/istio/proxy'),
    mount('istio-token', '/var/run/secrets/tokens'),
    mount('istio-podinfo', '/etc/istio/pod'),
  ],
};

const VOLUMES = [
  { name: 'workload-socket', emptyDir: {} },
  { name: 'credential-socket', emptyDir: {} },
  { name: 'workload-certs', emptyDir: {} },
  { name: 'istio-envoy', emptyDir: { medium: 'Memory' } },
  { name: 'istio-data', emptyDir: {} },
  {
    name: 'istio-podinfo',
    downwardAPI: {
      items: ['labels', 'annotations'].map((path) => ({
        path,
        fieldRef: { fieldPath: `metadata.${path}` },
      })),
    },
  },
  {
    name: 'istio-token',
    projected: {
      sources: [
        {
          serviceAccountToken: {
            audience: 'istio-ca',
            expirationSeconds: 43_200,
            path: 'istio-token',
          },
        },
      ],
    },
  },
  { name: 'istiod-ca-cert', configMap: { name: 'istio-ca-root-cert' } },
  { name: 'istio-ca-crl', configMap: { name: 'istio-ca-crl', optional: true } },
];

test('injectPod() adds istio-init and a native istio-proxy, with all that goes with them, and nothing else', () => {
  const context = { namespace: 'default', workload: 'ratings-v1' };
  const [container] = RATINGS.spec.containers;
  assert.deepEqual(injectPod(RATINGS, context, SETTINGS), {
    metadata: {
      generateName: 'ratings-v1-7dcc-',
      labels: {
        app: 'ratings',
        version: 'v1',
        'pod-template-hash': '7dcc',
        'security.istio.io/tlsMode': 'istio',
        'service.istio.io/canonical-name': 'ratings',
        'service.istio.io/canonical-revision': 'v1',
      },
      annotations: {
        'istio.io/rev': 'default',
        'kubectl.kubernetes.io/default-container': 'ratings',
        'kubectl.kubernetes.io/default-logs-container': 'ratings',
        'prometheus.io/path': '/stats/prometheus',
        'prometheus.io/port': '15020',
        'prometheus.io/scrape': 'true',
        'sidecar.istio.io/status': JSON.stringify({
          initContainers: ['istio-init', 'istio-proxy'],
          containers: null,
          volumes: VOLUMES.map(({ name }) => name),
          imagePullSecrets: null,
          revision: 'default',
        }),
      },
    },
    spec: {
      serviceAccountName: 'bookinfo-ratings',
      initContainers: [ISTIO_INIT, ISTIO_PROXY],
      containers: [
        {
          ...container,
          livenessProbe: {
            httpGet: { path: '/app-health/ratings/livez', port: 15_020, scheme: 'HTTP' },
            periodSeconds: 5,
          },
        },
      ],
      volumes: [...VOLUMES, { name: 'own', emptyDir: {} }],
    },
  });
});

test('injectPod() heeds what a pod asks for: a proxy among its containers, of another size, past some ports', () => {
  const asking = {
    metadata: {
      annotations: {
        'sidecar.istio.io/nativeSidecar': 'false',
        'sidecar.istio.io/proxyCPU': '200m',
        'traffic.sidecar.istio.io/excludeInboundPorts': '27017',
        'traffic.sidecar.istio.io/excludeOutboundPorts': '3306',
      },
    },
    spec: { containers: [{ name: 'app', image: 'busybox' }] },
  };
  const { spec } = injectPod(asking, { namespace: 'default', workload: 'app' }, SETTINGS);
  const { restartPolicy: _restart, lifecycle: _lifecycle, ...plainProxy } = ISTIO_PROXY;
  assert.partialDeepStrictEqual(spec, {
    initContainers: [
      {
        name: 'istio-init',
        resources: { requests: { cpu: '200m' } },
        args: [
          ...ISTIO_INIT.args.slice(0, -2),
          '15090,15021,15020,27017',
          '-o',
          '3306',
          '--log_output_level=default:info',
        ],
      },
    ],
    containers: [{ name: 'app' }, { name: plainProxy.name, args: plainProxy.args }],
  });
  assert.ok(!JSON.stringify(spec['containers']).includes('restartPolicy'));
});

test('wantsSidecar() goes by the pod, never on the host network or in system namespaces', () => {
  const subject = { namespace: 'default', labels: {}, annotations: {}, isOnHostNetwork: false };
  const refused = { 'sidecar.istio.io/inject': 'false' };
  assert.deepEqual(
    [
      wantsSidecar(subject),
      wantsSidecar({ ...subject, labels: refused }),
      wantsSidecar({ ...subject, annotations: refused }),
      wantsSidecar({ ...subject, isOnHostNetwork: true }),
      wantsSidecar({ ...subject, namespace: 'kube-system' }),
    ],
    [true, false, false, false, false],
  );
});

test('injectPod() makes a gateway of a pod that leaves its container to istiod, and keeps what the pod says itself', () => {
  const asking = {
    metadata: {
      annotations: { 'inject.istio.io/templates': 'gateway' },
      labels: { istio: 'ingress' },
    },
    spec: {
      containers: [{ name: 'istio-proxy', image: 'auto', resources: { limits: { cpu: '1' } } }],
    },
  };
  const { metadata, spec } = injectPod(asking, { namespace: 'edge', workload: 'gate' }, SETTINGS);
  assert.equal(spec['initContainers'], undefined);
  assert.equal(metadata.labels?.['security.istio.io/tlsMode'], undefined);
  assert.partialDeepStrictEqual(spec['containers'], [
    {
      name: 'istio-proxy',
      image: IMAGE,
      args: ISTIO_PROXY.args.with(1, 'router'),
      resources: { limits: { cpu: '1', memory: '1024Mi' }, requests: RESOURCES.requests },
    },
  ]);
});

/** The spec of a pod with an init container of its own, not native. */
function inject(annotations: Record<string, string>, settings = SETTINGS) {
  const pod = {
    metadata: { annotations: { 'sidecar.istio.io/nativeSidecar': 'false', ...annotations } },
    spec: { initContainers: [{ name: 'own' }], containers: [{ name: 'app' }] },
  };
  return injectPod(pod, { namespace: 'default', workload: 'app' }, settings).spec;
}

test('injectPod() holds the application back, redirects nothing or checks only, and adds volumes as asked', () => {
  const held = inject({ 'proxy.istio.io/config': 'holdApplicationUntilProxyStarts: true' });
  assert.partialDeepStrictEqual(held['containers'], [
    {
      name: 'istio-proxy',
      lifecycle: { postStart: { exec: { command: ['pilot-agent', 'wait'] } } },
    },
    { name: 'app' },
  ]);
  assert.partialDeepStrictEqual(held['initContainers'], [{ name: 'own' }, { name: 'istio-init' }]);
  const none = inject({ 'sidecar.istio.io/interceptionMode': 'NONE' });
  assert.deepEqual(none['initContainers'], [{ name: 'own' }]);
  const byCni = inject({}, readInjectionSettings({ pilot: { cni: { enabled: true } } }));
  assert.partialDeepStrictEqual(byCni['initContainers'], [
    { name: 'istio-validation' },
    { name: 'own' },
  ]);
  const mounted = inject({
    'sidecar.istio.io/userVolume': '{"certs":{"secret":{"secretName":"certs"}}}',
    'sidecar.istio.io/userVolumeMount': '[{"name":"certs","mountPath":"/etc/certs"}]',
  });
  assert.ok(JSON.stringify(mounted['volumes']).includes('{"name":"certs","secret"'));
  assert.ok(JSON.stringify(mounted['containers']).includes('{"name":"certs","mountPath"'));
});

test('ProxyConfig objects of the workload lie over those of the namespace and the mesh, the annotation over all', () => {
  const settings = readInjectionSettings({}, 'istio-system', {
    mesh: { defaultConfig: { concurrency: 1 } },
    proxyConfigs: [
      { namespace: 'istio-system', spec: { environmentVariables: { A: 'mesh', B: 'mesh' } } },
      { namespace: 'default', spec: { environmentVariables: { B: 'namespace' } } },
      {
        namespace: 'default',
        spec: { selector: { matchLabels: { app: 'web' } }, image: { imageType: 'distroless' } },
      },
    ],
  });
  const pod = {
    metadata: {
      labels: { app: 'web' },
      annotations: { 'proxy.istio.io/config': 'concurrency: 2' },
    },
    spec: { containers: [{ name: 'app' }] },
  };
  const { spec } = injectPod(pod, { namespace: 'default', workload: 'web' }, settings);
  assert.partialDeepStrictEqual(spec['initContainers'], [
    { image: `${IMAGE}-distroless` },
    { image: `${IMAGE}-distroless` },
  ]);
  const text = JSON.stringify(spec['initContainers']);
  assert.ok(text.includes('{"name":"A","value":"mesh"},{"name":"B","value":"namespace"}'));
  assert.ok(text.includes('\\"concurrency\\":2'));
});

test('a template that nobody has is refused by name, and selectors of the installation decide when the pod does not', () => {
  const asking = {
    metadata: { annotations: { 'inject.istio.io/templates': 'sidecar,mine' } },
    spec: { containers: [{ name: 'app' }] },
  };
  assert.throws(() => injectPod(asking, { namespace: 'default', workload: 'app' }, SETTINGS), {
    message: 'requested template "mine" not found; have gateway, grpc-agent, grpc-simple, sidecar',
  });
  const subject = { namespace: 'default', annotations: {}, isOnHostNetwork: false };
  const config = {
    policy: 'disabled',
    neverInjectSelector: [{ matchLabels: { job: 'yes' } }],
    alwaysInjectSelector: [{ matchExpressions: [{ key: 'web', operator: 'Exists' }] }],
  };
  assert.deepEqual(
    [{}, { web: '1' }, { web: '1', job: 'yes' }, { 'sidecar.istio.io/inject': 'true' }].map(
      (labels) => wantsSidecar({ ...subject, labels }, config),
    ),
    [false, true, false, true],
  );
});
