import type { JsonObject, Labels } from '../../kinds/object.ts';
import { nameOf, objectsOf } from './parts.ts';
import type { InjectionSettings } from './settings.ts';

/** The pod that the containers are for. */
export interface InjectionTarget {
  readonly namespace: string;
  readonly workload: string;
  /** Its own annotations. */
  readonly annotations: Labels;
  readonly applications: readonly JsonObject[];
  /** Probes that the agent does for the kubelet, by path. */
  readonly probers: JsonObject;
  readonly isNative: boolean;
}

/** Redirects the pod's traffic to the proxy and ends (`istio-iptables`). */
export function initContainer(settings: InjectionSettings, target: InjectionTarget): JsonObject {
  const { annotations } = target;
  const traffic = (name: string) => annotations[`traffic.sidecar.istio.io/${name}`] ?? '';
  const excludedOutbound = traffic('excludeOutboundPorts');
  const excludedInbound = traffic('excludeInboundPorts');
  return {
    name: 'istio-init',
    image: proxyImage(settings, target),
    args: [
      ...'istio-iptables -p 15001 -z 15006 -u 1337 -m REDIRECT'.split(' '),
      '-i',
      traffic('includeOutboundIPRanges') || '*',
      '-x',
      traffic('excludeOutboundIPRanges'),
      '-b',
      traffic('includeInboundPorts') || '*',
      '-d',
      ['15090,15021,15020', ...(excludedInbound === '' ? [] : [excludedInbound])].join(','),
      ...(excludedOutbound === '' ? [] : ['-o', excludedOutbound]),
      '--log_output_level=default:info',
    ],
    resources: resources(settings, target),
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
}

/** Envoy and its agent beside the application. */
export function proxyContainer(settings: InjectionSettings, target: InjectionTarget): JsonObject {
  return {
    name: 'istio-proxy',
    image: proxyImage(settings, target),
    args: [
      'proxy',
      'sidecar',
      '--domain',
      '$(POD_NAMESPACE).svc.cluster.local',
      `--proxyLogLevel=${target.annotations['sidecar.istio.io/logLevel'] ?? 'warning'}`,
      `--proxyComponentLogLevel=${target.annotations['sidecar.istio.io/componentLogLevel'] ?? 'misc:error'}`,
      '--log_output_level=default:info',
    ],
    env: environment(settings, target),
    ...(target.isNative && {
      lifecycle: {
        preStop: {
          exec: { command: ['pilot-agent', 'request', '--debug-port=15020', 'POST', 'drain'] },
        },
      },
      restartPolicy: 'Always',
    }),
    ports: [{ containerPort: 15090, name: 'http-envoy-prom', protocol: 'TCP' }],
    readinessProbe: probe(15, 4),
    startupProbe: probe(1, 600),
    resources: resources(settings, target),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsGroup: 1337,
      runAsNonRoot: true,
      runAsUser: 1337,
    },
    volumeMounts: MOUNTS,
  };
}

const MOUNTS: readonly JsonObject[] = [
  { name: 'workload-socket', mountPath: '/var/run/secrets/workload-spiffe-uds' },
  { name: 'credential-socket', mountPath: '/var/run/secrets/credential-uds' },
  { name: 'workload-certs', mountPath: '/var/run/secrets/workload-spiffe-credentials' },
  { name: 'istiod-ca-cert', mountPath: '/var/run/secrets/istio' },
  { name: 'istio-ca-crl', mountPath: '/var/run/secrets/istio/crl' },
  { name: 'istio-data', mountPath: '/var/lib/istio/data' },
  { name: 'istio-envoy', mountPath: '/etc/istio/proxy' },
  { name: 'istio-token', mountPath: '/var/run/secrets/tokens' },
  { name: 'istio-podinfo', mountPath: '/etc/istio/pod' },
];

/** A service account token for istiod's certificate authority, valid for 12 hours. */
export const ISTIO_TOKEN: JsonObject = {
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
};

/** The volumes behind the proxy's mounts. */
export const VOLUMES: readonly JsonObject[] = [
  { name: 'workload-socket', emptyDir: {} },
  { name: 'credential-socket', emptyDir: {} },
  { name: 'workload-certs', emptyDir: {} },
  { name: 'istio-envoy', emptyDir: { medium: 'Memory' } },
  { name: 'istio-data', emptyDir: {} },
  {
    name: 'istio-podinfo',
    downwardAPI: {
      items: [
        { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
        { path: 'annotations', fieldRef: { fieldPath: 'metadata.annotations' } },
      ],
    },
  },
  ISTIO_TOKEN,
  { name: 'istiod-ca-cert', configMap: { name: 'istio-ca-root-cert' } },
  { name: 'istio-ca-crl', configMap: { name: 'istio-ca-crl', optional: true } },
];

function environment(settings: InjectionSettings, target: InjectionTarget): readonly JsonObject[] {
  return [
    { name: 'PILOT_CERT_PROVIDER', value: 'istiod' },
    { name: 'CA_ADDR', value: settings.discoveryAddress },
    field('POD_NAME', 'metadata.name'),
    field('POD_NAMESPACE', 'metadata.namespace'),
    field('INSTANCE_IP', 'status.podIP'),
    field('SERVICE_ACCOUNT', 'spec.serviceAccountName'),
    field('HOST_IP', 'status.hostIP'),
    resource('ISTIO_CPU_LIMIT', 'limits.cpu'),
    { name: 'PROXY_CONFIG', value: target.annotations['proxy.istio.io/config'] ?? '{}\n' },
    { name: 'ISTIO_META_POD_PORTS', value: podPorts(target.applications) },
    {
      name: 'ISTIO_META_APP_CONTAINERS',
      value: target.applications.map((one) => nameOf(one)).join(','),
    },
    resource('GOMEMLIMIT', 'limits.memory'),
    resource('GOMAXPROCS', 'limits.cpu'),
    { name: 'ISTIO_META_CLUSTER_ID', value: 'Kubernetes' },
    field('ISTIO_META_NODE_NAME', 'spec.nodeName'),
    { name: 'ISTIO_META_INTERCEPTION_MODE', value: 'REDIRECT' },
    { name: 'ISTIO_META_WORKLOAD_NAME', value: target.workload },
    {
      name: 'ISTIO_META_OWNER',
      value: `kubernetes://apis/apps/v1/namespaces/${target.namespace}/deployments/${target.workload}`,
    },
    { name: 'ISTIO_META_MESH_ID', value: 'cluster.local' },
    { name: 'TRUST_DOMAIN', value: 'cluster.local' },
    ...applicationMetrics(target.annotations),
    ...(Object.keys(target.probers).length > 0
      ? [{ name: 'ISTIO_KUBE_APP_PROBERS', value: JSON.stringify(target.probers) }]
      : []),
  ];
}

/** Where the agent finds the application's own metrics, whose annotations now say where the agent's are. */
function applicationMetrics(annotations: Labels): readonly JsonObject[] {
  if (annotations['prometheus.io/scrape'] !== 'true') return [];
  const named = ['scrape', 'path', 'port'].flatMap((name) => {
    const value = annotations[`prometheus.io/${name}`];
    return value === undefined ? [] : [[name, value]];
  });
  return [
    {
      name: 'ISTIO_PROMETHEUS_ANNOTATIONS',
      value: JSON.stringify(Object.fromEntries(named)),
    },
  ];
}

function proxyImage(settings: InjectionSettings, { annotations }: InjectionTarget): string {
  return annotations['sidecar.istio.io/proxyImage'] ?? settings.proxyImage;
}

/** Requests and limits of the installation; a pod that names one of its own gets only what it names. */
function resources(settings: InjectionSettings, { annotations }: InjectionTarget): JsonObject {
  const own = (name: string) => annotations[`sidecar.istio.io/${name}`];
  const requests = quantities(own('proxyCPU'), own('proxyMemory'));
  const limits = quantities(own('proxyCPULimit'), own('proxyMemoryLimit'));
  if (!requests && !limits) return { limits: settings.limits, requests: settings.requests };
  return { ...(limits && { limits }), ...(requests && { requests }) };
}

function quantities(cpu: string | undefined, memory: string | undefined): JsonObject | undefined {
  if (cpu === undefined && memory === undefined) return undefined;
  return { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
}

function podPorts(applications: readonly JsonObject[]): string {
  const ports = applications.flatMap((one) => objectsOf(one['ports']));
  return ports.length === 0
    ? '[\n]'
    : `[\n    ${ports.map((port) => JSON.stringify(port)).join('\n    ,')}\n]`;
}

function probe(periodSeconds: number, failureThreshold: number): JsonObject {
  const httpGet = { path: '/healthz/ready', port: 15021 };
  return { httpGet, periodSeconds, timeoutSeconds: 3, failureThreshold };
}

function field(name: string, fieldPath: string): JsonObject {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}

function resource(name: string, which: string): JsonObject {
  return { name, valueFrom: { resourceFieldRef: { resource: which } } };
}
