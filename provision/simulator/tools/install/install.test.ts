import assert from 'node:assert/strict';
import { test } from 'node:test';

import { listAt, objectAt } from '../../kinds/json.ts';
import { manifestsFor, OperatorError, resolveOperator, type OperatorInput } from './index.ts';

function namesOf(input: OperatorInput): Record<string, readonly string[]> {
  const components = manifestsFor(resolveOperator(input), { crds: [] });
  return Object.fromEntries(
    components.map(({ component, objects }) => [
      component,
      objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`),
    ]),
  );
}

/** One object of an installation, as JSON. */
function objectOf(input: OperatorInput, kind: string, name: string): unknown {
  const all = manifestsFor(resolveOperator(input), { crds: [] }).flatMap(({ objects }) => objects);
  const found = all.find((object) => object.kind === kind && object.metadata.name === name);
  return JSON.parse(JSON.stringify(found ?? null));
}

test('the profile demo installs istiod and both gateways, none of them with an autoscaler', () => {
  assert.deepEqual(namesOf({ sets: ['profile=demo'] }), {
    Base: [
      'ServiceAccount/istio-reader-service-account',
      'ClusterRole/istio-reader-clusterrole-istio-system',
      'ClusterRoleBinding/istio-reader-clusterrole-istio-system',
      'ValidatingWebhookConfiguration/istiod-default-validator',
    ],
    Pilot: [
      'ServiceAccount/istiod',
      'ClusterRole/istiod-clusterrole-istio-system',
      'ClusterRole/istiod-gateway-controller-istio-system',
      'ClusterRoleBinding/istiod-clusterrole-istio-system',
      'ClusterRoleBinding/istiod-gateway-controller-istio-system',
      'Role/istiod',
      'RoleBinding/istiod',
      'ConfigMap/istio',
      'ConfigMap/istio-sidecar-injector',
      'ConfigMap/values',
      'MutatingWebhookConfiguration/istio-sidecar-injector',
      'MutatingWebhookConfiguration/istio-revision-tag-default',
      'ValidatingWebhookConfiguration/istio-validator-istio-system',
      'Deployment/istiod',
      'Service/istiod',
      'Service/istiod-revision-tag-default',
    ],
    IngressGateways: [
      'ServiceAccount/istio-ingressgateway-service-account',
      'Role/istio-ingressgateway-sds',
      'RoleBinding/istio-ingressgateway-sds',
      'Deployment/istio-ingressgateway',
      'Service/istio-ingressgateway',
    ],
    EgressGateways: [
      'ServiceAccount/istio-egressgateway-service-account',
      'Role/istio-egressgateway-sds',
      'RoleBinding/istio-egressgateway-sds',
      'Deployment/istio-egressgateway',
      'Service/istio-egressgateway',
    ],
  });
});

test('the profile default adds autoscalers and a disruption budget for istiod alone', () => {
  const names = Object.values(namesOf({})).flat();
  assert.deepEqual(
    names.filter((name) => /^(Horizontal|PodDisruption)/.test(name)),
    [
      'PodDisruptionBudget/istiod',
      'HorizontalPodAutoscaler/istiod',
      'HorizontalPodAutoscaler/istio-ingressgateway',
    ],
  );
});

test('the ingress gateway of the profile demo listens on the five ports of its Service', () => {
  assert.deepEqual(objectOf({ sets: ['profile=demo'] }, 'Service', 'istio-ingressgateway'), {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'istio-ingressgateway',
      namespace: 'istio-system',
      labels: {
        app: 'istio-ingressgateway',
        'app.kubernetes.io/instance': 'istio',
        'app.kubernetes.io/managed-by': 'Helm',
        'app.kubernetes.io/name': 'istio-ingressgateway',
        'app.kubernetes.io/part-of': 'istio',
        'app.kubernetes.io/version': '1.30.3',
        'helm.sh/chart': 'istio-ingressgateway-1.30.3',
        'install.operator.istio.io/owning-resource': 'unknown',
        'install.operator.istio.io/owning-resource-namespace': 'istio-system',
        istio: 'ingressgateway',
        'istio.io/rev': 'default',
        'operator.istio.io/component': 'IngressGateways',
        'operator.istio.io/managed': 'Reconcile',
        'operator.istio.io/version': '1.30.3',
        release: 'istio',
      },
    },
    spec: {
      type: 'LoadBalancer',
      selector: { app: 'istio-ingressgateway', istio: 'ingressgateway' },
      ports: [
        { name: 'status-port', port: 15021, protocol: 'TCP', targetPort: 15021 },
        { name: 'http2', port: 80, protocol: 'TCP', targetPort: 8080 },
        { name: 'https', port: 443, protocol: 'TCP', targetPort: 8443 },
        { name: 'tcp', port: 31400, protocol: 'TCP', targetPort: 31400 },
        { name: 'tls', port: 15443, protocol: 'TCP', targetPort: 15443 },
      ],
    },
  });
});

test('a revision is part of every name, and its webhooks answer for its label only', () => {
  const input: OperatorInput = { sets: ['profile=minimal', 'revision=canary'] };
  const components = manifestsFor(resolveOperator(input), { crds: [], holdsDefaultTag: false });
  const [, pilot] = components;
  assert.deepEqual(
    pilot?.objects.filter(({ kind }) => kind === 'MutatingWebhookConfiguration').map(selectors),
    [
      {
        name: 'istio-sidecar-injector-canary',
        webhooks: [
          'rev.namespace.sidecar-injector.istio.io',
          'rev.object.sidecar-injector.istio.io',
        ],
      },
    ],
  );
});

function selectors(object: { readonly metadata: { readonly name?: string } }) {
  const webhooks: unknown = 'webhooks' in object ? object.webhooks : [];
  const names: unknown = Array.isArray(webhooks)
    ? webhooks.map((webhook: { readonly name: string }) => webhook.name)
    : [];
  return { name: object.metadata.name, webhooks: names };
}

test('a file lies over the profile and --set over the file', () => {
  const operator = resolveOperator({
    files: [
      {
        apiVersion: 'install.istio.io/v1alpha1',
        kind: 'IstioOperator',
        metadata: { name: 'mine' },
        spec: {
          profile: 'demo',
          meshConfig: { accessLogFile: '/tmp/log' },
          values: { pilot: { traceSampling: 5 } },
        },
      },
    ],
    sets: ['values.pilot.traceSampling=7', 'components.egressGateways[0].enabled=false'],
  });
  const { name, profile, spec, values } = operator;
  assert.deepEqual(
    { name, profile, mesh: spec['meshConfig'], pilot: values['pilot'] },
    {
      name: 'mine',
      profile: 'demo',
      mesh: {
        accessLogFile: '/tmp/log',
        extensionProviders: [
          {
            name: 'otel',
            envoyOtelAls: {
              service: 'opentelemetry-collector.observability.svc.cluster.local',
              port: 4317,
            },
          },
          {
            name: 'skywalking',
            skywalking: { service: 'tracing.istio-system.svc.cluster.local', port: 11800 },
          },
          {
            name: 'otel-tracing',
            opentelemetry: {
              service: 'opentelemetry-collector.observability.svc.cluster.local',
              port: 4317,
            },
          },
          {
            name: 'jaeger',
            opentelemetry: {
              service: 'jaeger-collector.istio-system.svc.cluster.local',
              port: 4317,
            },
          },
        ],
      },
      pilot: {
        autoscaleEnabled: false,
        autoscaleMax: 5,
        autoscaleMin: 1,
        cni: { enabled: false, provider: 'default' },
        cpu: { targetAverageUtilization: 80 },
        env: {},
        image: 'pilot',
        keepaliveMaxServerConnectionAge: '30m',
        podAnnotations: {},
        replicaCount: 1,
        resources: { requests: { cpu: '10m', memory: '100Mi' } },
        rollingMaxSurge: '100%',
        rollingMaxUnavailable: '25%',
        traceSampling: 7,
      },
    },
  );
  assert.deepEqual(
    manifestsFor(operator, { crds: [] }).map(({ component }) => component),
    ['Base', 'Pilot', 'IngressGateways'],
  );
});

test('an installation that cannot be made is refused in words', () => {
  const refusals = (
    [
      ['values.global.proxi=1'],
      ['values.pilott.env=1'],
      ['components.pilot.k8s.replicas=2'],
      ['profile=ambient'],
      ['profile=tiny'],
      ['revision=Not_Good'],
      ['compatibilityVersion=1.12'],
      ['novalue'],
      ['components.egressGateways.[name:mine].enabled=true'],
      ['tag=1.30', 'tag.x=1'],
      [
        'components.ingressGateways[0].name=edge',
        'components.ingressGateways[0].k8s.service.ports[0].port=80',
        'components.ingressGateways[0].k8s.service.ports[0].name=http2',
      ],
    ] as const
  ).map((sets) => {
    try {
      resolveOperator({ sets });
      return 'accepted';
    } catch (error) {
      return error instanceof OperatorError ? error.message : 'another error';
    }
  });
  assert.deepEqual(refusals, [
    'could not unmarshal: error unmarshaling JSON: while decoding JSON: unknown field "proxi" in istio.operator.v1alpha1.GlobalConfig',
    'could not unmarshal: error unmarshaling JSON: while decoding JSON: unknown field "pilott" in istio.operator.v1alpha1.Values',
    'could not unmarshal: json: unknown field "replicas"',
    'merge inputs: profile "ambient" is not simulated: it needs ztunnel and the Istio CNI node agent; profiles that work here are default, demo, empty, minimal, preview, stable',
    'merge inputs: profile "tiny" not found: open profiles/tiny.yaml: file does not exist',
    'invalid revision specified: Not_Good',
    'unknown compatibilityVersion "1.12": it goes from 1.25 to 1.30',
    'could not unmarshal: json: unknown field "novalue"',
    'merge inputs: element [name:mine] not found',
    'merge inputs: not a map, got string: 1.30',
    'port http2/80 in gateway edge invalid: targetPort is set to 0, which requires root. Set targetPort to be greater than 1024 or configure values.gateways.istio-ingressgateway.runAsRoot=true',
  ]);
});

/** What the installation of a compatibility version sets for istiod. */
function envOf(version: string): unknown {
  const { values } = resolveOperator({ sets: [`compatibilityVersion=${version}`] });
  return objectAt(values, 'pilot', 'env');
}

test('a compatibility version brings back what each later release has changed', () => {
  const since29 = { PILOT_SIDECAR_PICK_BEST_SERVICE_NAMESPACE: 'false' };
  const since28 = { ...since29, DISABLE_TRACK_REMAINING_CB_METRICS: 'false' };
  const since27 = {
    ...since28,
    DISABLE_SHADOW_HOST_SUFFIX: 'false',
    PILOT_SPAWN_UPSTREAM_SPAN_FOR_GATEWAY: 'false',
  };
  assert.deepEqual(['1.30', '1.29', '1.28', '1.27', '1.26', '1.25'].map(envOf), [
    {},
    since29,
    since28,
    since27,
    { ...since27, ENABLE_NATIVE_SIDECARS: 'false' },
    { ...since27, ENABLE_NATIVE_SIDECARS: 'false' },
  ]);
});

test('a list in a file or in --set takes the place of the list of the profile, and an entry is on unless it says otherwise', () => {
  assert.deepEqual(
    Object.keys(
      namesOf({
        sets: ['components.egressGateways[0].name=istio-egressgateway', 'profile=minimal'],
      }),
    ),
    ['Base', 'Pilot', 'EgressGateways'],
  );
  const edge = { apiVersion: 'install.istio.io/v1alpha1', kind: 'IstioOperator' };
  const files = [
    { ...edge, spec: { components: { ingressGateways: [{ name: 'edge', label: { a: 'b' } }] } } },
  ];
  assert.deepEqual(
    namesOf({ files })['IngressGateways']?.filter((name) => name.startsWith('Deployment')),
    ['Deployment/edge'],
  );
});

test('settings below k8s are laid over the objects of their component, then its overlays', () => {
  const file = {
    apiVersion: 'install.istio.io/v1alpha1',
    kind: 'IstioOperator',
    spec: {
      components: {
        pilot: {
          k8s: {
            affinity: { nodeAffinity: {} },
            env: [{ name: 'PILOT_TRACE_SAMPLING', value: '7' }],
            hpaSpec: { maxReplicas: 9, metrics: [] },
            nodeSelector: { disk: 'ssd' },
            podDisruptionBudget: { maxUnavailable: 1 },
            priorityClassName: 'system-cluster-critical',
            replicaCount: 3,
            serviceAnnotations: { owner: 'me' },
            tolerations: [{ key: 'a', operator: 'Exists' }],
            overlays: [
              {
                kind: 'Deployment',
                name: 'istiod',
                patches: [
                  {
                    path: 'spec.template.spec.containers.[name:discovery].args.[-1]',
                    value: '--last',
                  },
                  { path: 'spec.template.metadata.annotations.prometheus\\.io/scrape' },
                  { path: 'spec.template.spec.containers.[name:other].image', value: 'lost' },
                  { path: 'metadata.annotations.by', value: 'overlay' },
                ],
              },
            ],
          },
        },
      },
    },
  };
  const input = { files: [file] };
  const istiod = objectOf(input, 'Deployment', 'istiod');
  const [container] = listAt(istiod, 'spec', 'template', 'spec', 'containers');
  const pod = objectAt(istiod, 'spec', 'template', 'spec');
  assert.deepEqual(
    {
      annotations: objectAt(istiod, 'metadata', 'annotations'),
      replicas: objectAt(istiod, 'spec')['replicas'],
      podAnnotations: objectAt(istiod, 'spec', 'template', 'metadata', 'annotations'),
      affinity: pod['affinity'],
      nodeSelector: pod['nodeSelector'],
      priorityClassName: pod['priorityClassName'],
      tolerations: pod['tolerations'],
      lastArgument: listAt(container, 'args').at(-1),
      sampling: listAt(container, 'env').filter(
        (entry) => objectAt(entry)['name'] === 'PILOT_TRACE_SAMPLING',
      ),
      scaler: objectAt(objectOf(input, 'HorizontalPodAutoscaler', 'istiod'), 'spec'),
      budget: objectAt(objectOf(input, 'PodDisruptionBudget', 'istiod'), 'spec'),
      service: objectAt(objectOf(input, 'Service', 'istiod'), 'metadata', 'annotations'),
    },
    {
      annotations: { by: 'overlay' },
      replicas: 3,
      podAnnotations: { 'prometheus.io/port': '15014', 'sidecar.istio.io/inject': 'false' },
      affinity: { nodeAffinity: {} },
      nodeSelector: { disk: 'ssd' },
      priorityClassName: 'system-cluster-critical',
      tolerations: [{ key: 'a', operator: 'Exists' }],
      lastArgument: '--last',
      sampling: [{ name: 'PILOT_TRACE_SAMPLING', value: '7' }],
      scaler: {
        maxReplicas: 9,
        minReplicas: 1,
        metrics: [],
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'istiod' },
      },
      budget: {
        maxUnavailable: 1,
        selector: { matchLabels: { app: 'istiod', istio: 'pilot' } },
      },
      service: { owner: 'me' },
    },
  );
});
