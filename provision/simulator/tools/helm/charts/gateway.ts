import type { NewObject } from '../../../client/client.ts';
import { listAt, numberAt, objectAt, objectsAt } from '../../../kinds/json.ts';
import type { JsonObject, Labels } from '../../../kinds/object.ts';
import { METRICS_PORT, UNPRIVILEGED } from '../../../mesh/injection/index.ts';
import { ISTIO_VERSION } from '../../../versions.ts';
import { textAt, textsAt } from '../../install/tree.ts';
import { plainEnv } from '../../install/workload.ts';
import { type Chart, learnMore, type Rendered, type ReleaseName } from './chart.ts';

const VALUES: JsonObject = {
  affinity: {},
  annotations: {},
  autoscaling: {
    enabled: true,
    maxReplicas: 5,
    minReplicas: 1,
    targetCPUUtilizationPercentage: 80,
  },
  env: {},
  imagePullPolicy: '',
  imagePullSecrets: [],
  kind: 'Deployment',
  labels: {},
  name: '',
  networkGateway: '',
  nodeSelector: {},
  podAnnotations: {
    'inject.istio.io/templates': 'gateway',
    'prometheus.io/path': '/stats/prometheus',
    'prometheus.io/port': '15020',
    'prometheus.io/scrape': 'true',
  },
  podLabels: {},
  rbac: { enabled: true },
  replicaCount: 1,
  resources: {
    limits: { cpu: '2000m', memory: '1024Mi' },
    requests: { cpu: '100m', memory: '128Mi' },
  },
  revision: '',
  securityContext: {},
  service: {
    annotations: {},
    externalTrafficPolicy: '',
    loadBalancerIP: '',
    loadBalancerSourceRanges: [],
    ports: [
      { name: 'status-port', port: 15021, protocol: 'TCP', targetPort: 15021 },
      { name: 'http2', port: 80, protocol: 'TCP', targetPort: 80 },
      { name: 'https', port: 443, protocol: 'TCP', targetPort: 443 },
    ],
    type: 'LoadBalancer',
  },
  serviceAccount: { annotations: {}, create: true, name: '' },
  strategy: {},
  terminationGracePeriodSeconds: 30,
  tolerations: [],
  topologySpreadConstraints: [],
};

/** Names that the chart's schema lets through beside those with defaults. */
const MORE_NAMES = [
  'additionalContainers',
  'container',
  'defaults',
  'defaultRevision',
  'extraContainerPorts',
  'containerSecurityContext',
  'global',
  'initContainers',
  'minReadySeconds',
  'platform',
  'podDisruptionBudget',
  'priorityClassName',
  'profile',
  'compatibilityVersion',
  'readinessProbe',
  'unprivilegedPort',
  'volumeMounts',
  'volumes',
  '_internal_defaults_do_not_set',
];

/** A gateway of one's own, whose proxy istiod puts into the pod when it starts. */
export const gatewayChart: Chart = {
  name: 'gateway',
  description: 'Helm chart for deploying Istio gateways',
  keywords: ['istio', 'gateways'],
  values: VALUES,
  knownValues: new Set([...Object.keys(VALUES), ...MORE_NAMES]),
  render: (values, release) => {
    const gateway = gatewayOf(values, release);
    return [
      ...serviceAccount(gateway),
      ...role(gateway),
      { source: 'templates/service.yaml', object: service(gateway) },
      { source: 'templates/deployment.yaml', object: workload(gateway) },
      ...autoscaler(gateway),
    ];
  },
  notes: (release, values) => `"${nameOf(values, release)}" successfully installed!

${learnMore(release)}
Next steps:
  * Deploy an HTTP Gateway: https://istio.io/latest/docs/tasks/traffic-management/ingress/ingress-control/
  * Deploy an HTTPS Gateway: https://istio.io/latest/docs/tasks/traffic-management/ingress/secure-ingress/
`,
};

interface Gateway {
  readonly name: string;
  readonly account: string;
  readonly values: JsonObject;
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels: Labels };
  readonly selector: Labels;
}

function nameOf(values: JsonObject, { name }: ReleaseName): string {
  return textAt(values, 'name') || name;
}

function gatewayOf(values: JsonObject, release: ReleaseName): Gateway {
  const name = nameOf(values, release);
  const asked = textsAt(values, 'labels');
  const selector = {
    app: asked['app'] ?? name,
    istio: asked['istio'] ?? name.replace(/^istio-/, ''),
  };
  const labels: Labels = {
    'app.kubernetes.io/instance': name,
    'app.kubernetes.io/managed-by': 'Helm',
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/part-of': 'istio',
    'app.kubernetes.io/version': ISTIO_VERSION,
    'helm.sh/chart': `gateway-${ISTIO_VERSION}`,
    'istio.io/dataplane-mode': 'none',
    ...selector,
    ...asked,
  };
  return {
    name,
    account: textAt(values, 'serviceAccount', 'name') || name,
    values,
    metadata: { name, namespace: release.namespace, labels },
    selector,
  };
}

function serviceAccount({ account, metadata, values }: Gateway): readonly Rendered[] {
  if (textAt(values, 'serviceAccount', 'create') === 'false') return [];
  const annotations = textsAt(values, 'serviceAccount', 'annotations');
  return [
    {
      source: 'templates/serviceaccount.yaml',
      object: {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: {
          ...metadata,
          name: account,
          ...(Object.keys(annotations).length > 0 && { annotations }),
        },
      },
    },
  ];
}

const RBAC = 'rbac.authorization.k8s.io';

function role({ account, metadata, values }: Gateway): readonly Rendered[] {
  if (textAt(values, 'rbac', 'enabled') === 'false') return [];
  const source = 'templates/role.yaml';
  const named = { ...metadata, name: account };
  return [
    {
      source,
      object: {
        apiVersion: `${RBAC}/v1`,
        kind: 'Role',
        metadata: named,
        rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'watch', 'list'] }],
      },
    },
    {
      source,
      object: {
        apiVersion: `${RBAC}/v1`,
        kind: 'RoleBinding',
        metadata: named,
        roleRef: { apiGroup: RBAC, kind: 'Role', name: account },
        subjects: [{ kind: 'ServiceAccount', name: account }],
      },
    },
  ];
}

function workload({ account, metadata, selector, values }: Gateway): NewObject {
  const isDaemonSet = textAt(values, 'kind') === 'DaemonSet';
  const isScaled = textAt(values, 'autoscaling', 'enabled') === 'true';
  const revision = textAt(values, 'revision');
  const replicas = numberAt(values, 'replicaCount') ?? 1;
  const strategy = objectAt(values, 'strategy');
  const annotations = textsAt(values, 'annotations');
  return {
    apiVersion: 'apps/v1',
    kind: isDaemonSet ? 'DaemonSet' : 'Deployment',
    metadata: { ...metadata, ...(Object.keys(annotations).length > 0 && { annotations }) },
    spec: {
      ...(!isScaled && !isDaemonSet && { replicas }),
      selector: { matchLabels: selector },
      ...(Object.keys(strategy).length > 0 && { strategy }),
      template: {
        metadata: {
          annotations: textsAt(values, 'podAnnotations'),
          labels: {
            'sidecar.istio.io/inject': 'true',
            ...(revision !== '' && { 'istio.io/rev': revision }),
            ...metadata.labels,
            ...textsAt(values, 'podLabels'),
          },
        },
        spec: podSpec(values, account),
      },
    },
  };
}

function podSpec(values: JsonObject, account: string): JsonObject {
  const security = objectAt(values, 'securityContext');
  const network = textAt(values, 'networkGateway');
  const pullPolicy = textAt(values, 'imagePullPolicy');
  return {
    serviceAccountName: account,
    securityContext:
      Object.keys(security).length > 0
        ? security
        : { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] },
    containers: [
      {
        name: 'istio-proxy',
        // istiod puts the image in its place when the pod is made.
        image: 'auto',
        ...(pullPolicy !== '' && { imagePullPolicy: pullPolicy }),
        securityContext: UNPRIVILEGED,
        env: [
          ...plainEnv(network === '' ? {} : { ISTIO_META_REQUESTED_NETWORK_VIEW: network }),
          ...plainEnv(textsAt(values, 'env')),
        ],
        ports: [METRICS_PORT],
        resources: objectAt(values, 'resources'),
      },
    ],
    ...placement(values),
    terminationGracePeriodSeconds: numberAt(values, 'terminationGracePeriodSeconds') ?? 30,
  };
}

function placement(values: JsonObject): JsonObject {
  const names = ['nodeSelector', 'affinity', 'tolerations', 'topologySpreadConstraints'] as const;
  return Object.fromEntries(
    names.flatMap((name) => {
      const asked = values[name];
      const isAsked = typeof asked === 'object' && asked !== null && Object.keys(asked).length > 0;
      return isAsked ? [[name, asked] as const] : [];
    }),
  );
}

function service({ metadata, selector, values }: Gateway): NewObject {
  const asked = objectAt(values, 'service');
  const annotations = textsAt(asked, 'annotations');
  const optional = ['loadBalancerIP', 'externalTrafficPolicy', 'loadBalancerClass'] as const;
  const ranges = listAt(asked, 'loadBalancerSourceRanges');
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata, ...(Object.keys(annotations).length > 0 && { annotations }) },
    spec: {
      ...Object.fromEntries(
        optional.flatMap((name) => {
          const value = textAt(asked, name);
          return value === '' ? [] : [[name, value] as const];
        }),
      ),
      ...(ranges.length > 0 && { loadBalancerSourceRanges: ranges }),
      type: textAt(asked, 'type') || 'LoadBalancer',
      ports: objectsAt(asked, 'ports'),
      selector,
    },
  };
}

function autoscaler({ metadata, values }: Gateway): readonly Rendered[] {
  const asked = objectAt(values, 'autoscaling');
  if (textAt(asked, 'enabled') !== 'true' || textAt(values, 'kind') === 'DaemonSet') return [];
  const cpu = numberAt(asked, 'targetCPUUtilizationPercentage') ?? 80;
  return [
    {
      source: 'templates/hpa.yaml',
      object: {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata,
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: metadata.name },
          minReplicas: numberAt(asked, 'minReplicas') ?? 1,
          maxReplicas: numberAt(asked, 'maxReplicas') ?? 5,
          metrics: [
            {
              type: 'Resource',
              resource: {
                name: 'cpu',
                target: { type: 'Utilization', averageUtilization: cpu },
              },
            },
          ],
        },
      },
    },
  ];
}
