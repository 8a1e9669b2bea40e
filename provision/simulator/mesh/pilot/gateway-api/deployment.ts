import type { NewObject } from '../../../client/client.ts';
import type { JsonObject, Labels } from '../../../kinds/object.ts';
import { type InjectionSettings, ISTIO_TOKEN } from '../../injection/index.ts';
import type { KubernetesGateway } from './kinds.ts';
import { managedName } from './managed.ts';

const NOT_COPIED = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'gateway.istio.io/name-override',
  'gateway.istio.io/service-account',
  'gateway.istio.io/controller-version',
];
const MANAGED = { 'gateway.istio.io/managed': 'istio.io-gateway-controller' };
const STATUS_PORT = 15_021;

/** What istiod makes for a Gateway of class istio: ServiceAccount, Deployment, Service (Istio's template `kube-gateway`). */
export function managedObjects(
  gateway: KubernetesGateway,
  settings: InjectionSettings,
): readonly NewObject[] {
  const { name, namespace = 'default', uid, annotations = {} } = gateway.metadata;
  const deployment = managedName(gateway);
  const serviceAccount = annotations['gateway.istio.io/service-account'] ?? deployment;
  const { labels, copied } = infrastructureOf(gateway);
  const own = {
    ...labels,
    'gateway.networking.k8s.io/gateway-name': name,
    'gateway.networking.k8s.io/gateway-class-name': gateway.spec?.gatewayClassName ?? '',
  };
  const metadata = (as: string, more: Labels = {}): NewObject['metadata'] => ({
    name: as,
    namespace,
    labels: { ...own, ...more },
    annotations: copied,
    ownerReferences: [{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', name, uid }],
  });
  const selector = { 'gateway.networking.k8s.io/gateway-name': name };
  const pod = { gateway, settings, deployment, serviceAccount };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata(serviceAccount) },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: metadata(deployment, MANAGED),
      spec: {
        selector: { matchLabels: selector },
        template: {
          metadata: {
            annotations: {
              ...copied,
              'istio.io/rev': settings.revision || 'default',
              'prometheus.io/path': '/stats/prometheus',
              'prometheus.io/port': '15020',
              'prometheus.io/scrape': 'true',
            },
            labels: {
              'sidecar.istio.io/inject': 'false',
              'service.istio.io/canonical-name': deployment,
              'service.istio.io/canonical-revision': 'latest',
              ...own,
              ...MANAGED,
            },
          },
          spec: podSpec(pod),
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata(deployment),
      spec: {
        ...addressOf(gateway),
        ipFamilyPolicy: 'PreferDualStack',
        ports: servicePorts(gateway),
        selector,
        type: serviceType(gateway),
      },
    },
  ];
}

/** Labels and annotations that the objects get: those of spec.infrastructure, else the Gateway's own. */
function infrastructureOf({ metadata, spec }: KubernetesGateway): {
  readonly labels: Labels;
  readonly copied: Labels;
} {
  const { infrastructure } = spec ?? {};
  const labels = (infrastructure ? infrastructure.labels : metadata.labels) ?? {};
  const annotations = (infrastructure ? infrastructure.annotations : metadata.annotations) ?? {};
  const copied = Object.entries(annotations).filter(([key]) => !NOT_COPIED.includes(key));
  return { labels, copied: Object.fromEntries(copied) };
}

function serviceType({ metadata }: KubernetesGateway): string {
  return metadata.annotations?.['networking.istio.io/service-type'] ?? 'LoadBalancer';
}

function addressOf(gateway: KubernetesGateway): JsonObject {
  const [address] = gateway.spec?.addresses ?? [];
  const isWanted = address && serviceType(gateway) === 'LoadBalancer';
  return isWanted ? { loadBalancerIP: address.value } : {};
}

function servicePorts({ spec }: KubernetesGateway): readonly JsonObject[] {
  const taken = new Set<number>([STATUS_PORT]);
  const listeners = (spec?.listeners ?? []).filter(
    ({ port }) => !taken.has(port) && taken.add(port),
  );
  return [
    { name: 'status-port', port: STATUS_PORT, protocol: 'TCP', appProtocol: 'tcp' },
    ...listeners.map(({ name, port, protocol }) => ({
      name: name.replaceAll('.', '-').slice(0, 63),
      port,
      protocol: 'TCP',
      appProtocol: protocol.toLowerCase(),
    })),
  ];
}

interface PodParts {
  readonly gateway: KubernetesGateway;
  readonly settings: InjectionSettings;
  readonly deployment: string;
  readonly serviceAccount: string;
}

function podSpec(parts: PodParts): JsonObject {
  return {
    securityContext: { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] },
    serviceAccountName: parts.serviceAccount,
    containers: [container(parts)],
    volumes: [
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
            fieldRef: { apiVersion: 'v1', fieldPath: `metadata.${path}` },
          })),
        },
      },
      ISTIO_TOKEN,
      { name: 'istiod-ca-cert', configMap: { name: 'istio-ca-root-cert' } },
    ],
  };
}

function container({ gateway, settings, deployment }: PodParts): JsonObject {
  const { namespace = 'default' } = gateway.metadata;
  const probe = {
    httpGet: { path: '/healthz/ready', port: STATUS_PORT, scheme: 'HTTP' },
    successThreshold: 1,
    timeoutSeconds: 1,
  };
  return {
    name: 'istio-proxy',
    image: settings.proxyImage,
    args: [
      'proxy',
      'router',
      '--domain',
      '$(POD_NAMESPACE).svc.cluster.local',
      '--proxyLogLevel',
      'warning',
      '--proxyComponentLogLevel',
      'misc:error',
      '--log_output_level',
      'default:info',
    ],
    ports: [
      { containerPort: 15_020, name: 'metrics', protocol: 'TCP' },
      { containerPort: STATUS_PORT, name: 'status-port', protocol: 'TCP' },
      { containerPort: 15_090, name: 'http-envoy-prom', protocol: 'TCP' },
    ],
    env: environment(settings, deployment, namespace),
    resources: { requests: settings.requests, limits: settings.limits },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsGroup: 1337,
      runAsNonRoot: true,
      runAsUser: 1337,
    },
    startupProbe: { ...probe, failureThreshold: 30, initialDelaySeconds: 1, periodSeconds: 1 },
    readinessProbe: { ...probe, failureThreshold: 4, periodSeconds: 15 },
    volumeMounts: [
      { name: 'workload-socket', mountPath: '/var/run/secrets/workload-spiffe-uds' },
      { name: 'credential-socket', mountPath: '/var/run/secrets/credential-uds' },
      { name: 'workload-certs', mountPath: '/var/run/secrets/workload-spiffe-credentials' },
      { name: 'istiod-ca-cert', mountPath: '/var/run/secrets/istio' },
      { name: 'istio-data', mountPath: '/var/lib/istio/data' },
      { name: 'istio-envoy', mountPath: '/etc/istio/proxy' },
      { name: 'istio-token', mountPath: '/var/run/secrets/tokens' },
      { name: 'istio-podinfo', mountPath: '/etc/istio/pod' },
    ],
  };
}

function environment(
  { discoveryAddress }: InjectionSettings,
  deployment: string,
  namespace: string,
): readonly JsonObject[] {
  return [
    { name: 'PILOT_CERT_PROVIDER', value: 'istiod' },
    { name: 'CA_ADDR', value: discoveryAddress },
    field('POD_NAME', 'metadata.name'),
    field('POD_NAMESPACE', 'metadata.namespace'),
    field('INSTANCE_IP', 'status.podIP'),
    field('SERVICE_ACCOUNT', 'spec.serviceAccountName'),
    field('HOST_IP', 'status.hostIP'),
    { name: 'ISTIO_META_POD_PORTS', value: '[]' },
    { name: 'ISTIO_META_APP_CONTAINERS', value: '' },
    { name: 'ISTIO_META_CLUSTER_ID', value: 'Kubernetes' },
    field('ISTIO_META_NODE_NAME', 'spec.nodeName'),
    { name: 'ISTIO_META_INTERCEPTION_MODE', value: 'REDIRECT' },
    { name: 'ISTIO_META_WORKLOAD_NAME', value: deployment },
    {
      name: 'ISTIO_META_OWNER',
      value: `kubernetes://apis/apps/v1/namespaces/${namespace}/deployments/${deployment}`,
    },
    { name: 'ISTIO_META_MESH_ID', value: 'cluster.local' },
    { name: 'TRUST_DOMAIN', value: 'cluster.local' },
  ];
}

function field(name: string, fieldPath: string): JsonObject {
  return { name, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } };
}
