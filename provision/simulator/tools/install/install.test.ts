import assert from 'node:assert/strict';
import { test } from 'node:test';

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
        resources: { requests: { cpu: '500m', memory: '2048Mi' } },
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
      ['profile=ambient'],
      ['profile=tiny'],
      ['revision=Not_Good'],
      ['compatibilityVersion=1.12'],
      ['novalue'],
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
    'validation errors (use --force to override): unknown field "spec.values.global.proxi"',
    'profile "ambient" is not simulated: it needs ztunnel and the Istio CNI node agent; profiles that work here are default, demo, empty, minimal, preview, stable',
    'profile "tiny" not found: choose one of default, demo, empty, minimal, preview, stable',
    'invalid revision "Not_Good": use lower case letters, digits and "-", so that it can be part of a name',
    'unknown compatibilityVersion "1.12": it goes from 1.25 to 1.30',
    'bad format "novalue" in --set: expected a path, "=" and a value',
  ]);
});
