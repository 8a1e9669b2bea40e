import { at, objectAt, objectsAt, scalarText, stringAt } from '../../kinds/json.ts';
import type { JsonObject, Labels } from '../../kinds/object.ts';
import { nameOf } from './parts.ts';
import { proxyConfigText } from './proxy-config.ts';
import { settingAt, type InjectionSettings } from './settings.ts';
import { interceptionMode, type InjectionTarget } from './target.ts';

/** What a proxy is told by its environment: who it is, whom to ask, how to behave. */
export function environment(
  settings: InjectionSettings,
  target: InjectionTarget,
): readonly JsonObject[] {
  const trustDomain = stringAt(settings.mesh, 'trustDomain') || 'cluster.local';
  const { owner, annotations } = target;
  return [
    plain('PILOT_CERT_PROVIDER', settingAt(settings, 'global.pilotCertProvider', 'istiod')),
    plain('CA_ADDR', settingAt(settings, 'global.caAddress', settings.discoveryAddress)),
    field('POD_NAME', 'metadata.name'),
    field('POD_NAMESPACE', 'metadata.namespace'),
    field('INSTANCE_IP', 'status.podIP'),
    field('SERVICE_ACCOUNT', 'spec.serviceAccountName'),
    field('HOST_IP', 'status.hostIP'),
    resource('ISTIO_CPU_LIMIT', 'limits.cpu'),
    plain('PROXY_CONFIG', proxyConfigText(target.proxyConfig)),
    plain('ISTIO_META_POD_PORTS', podPorts(target.applications)),
    plain('ISTIO_META_APP_CONTAINERS', target.applications.map((one) => nameOf(one)).join(',')),
    resource('GOMEMLIMIT', 'limits.memory'),
    resource('GOMAXPROCS', 'limits.cpu'),
    plain(
      'ISTIO_META_CLUSTER_ID',
      settingAt(settings, 'global.multiCluster.clusterName', 'Kubernetes'),
    ),
    field('ISTIO_META_NODE_NAME', 'spec.nodeName'),
    plain('ISTIO_META_INTERCEPTION_MODE', interceptionMode(target)),
    ...optional('ISTIO_META_NETWORK', settingAt(settings, 'global.network')),
    plain('ISTIO_META_WORKLOAD_NAME', target.workload),
    plain('ISTIO_META_OWNER', owner),
    ...optional('ISTIO_BOOTSTRAP_OVERRIDE', bootstrapOverride(annotations)),
    plain('ISTIO_META_MESH_ID', settingAt(settings, 'global.meshID', trustDomain)),
    plain('TRUST_DOMAIN', trustDomain),
    ...proxyMetadata(target.proxyConfig),
    ...applicationMetrics(annotations),
    ...(Object.keys(target.probers).length > 0
      ? [plain('ISTIO_KUBE_APP_PROBERS', JSON.stringify(target.probers))]
      : []),
  ];
}

function bootstrapOverride(annotations: Labels): string {
  const isAsked = annotations['sidecar.istio.io/bootstrapOverride'] !== undefined;
  return isAsked ? '/etc/istio/custom-bootstrap/custom_bootstrap.json' : '';
}

function proxyMetadata(config: JsonObject): readonly JsonObject[] {
  return Object.entries(objectAt(config, 'proxyMetadata'))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => plain(name, scalarText(value)));
}

/** Where the agent finds the application's own metrics, whose annotations now say where the agent's are. */
function applicationMetrics(annotations: Labels): readonly JsonObject[] {
  if (annotations['prometheus.io/scrape'] !== 'true' || !mergesMetrics(annotations)) return [];
  const named = ['scrape', 'path', 'port'].flatMap((name) => {
    const value = annotations[`prometheus.io/${name}`];
    return value === undefined ? [] : [[name, value]];
  });
  return [plain('ISTIO_PROMETHEUS_ANNOTATIONS', JSON.stringify(Object.fromEntries(named)))];
}

/** Whether the agent gives out the application's metrics with the proxy's (annotation `prometheus.istio.io/merge-metrics`). */
export function mergesMetrics(annotations: Labels, mesh: JsonObject = {}): boolean {
  const own = annotations['prometheus.istio.io/merge-metrics'];
  return own === undefined ? at(mesh, 'enablePrometheusMerge') !== false : own === 'true';
}

function podPorts(applications: readonly JsonObject[]): string {
  const ports = applications.flatMap((one) => objectsAt(one, 'ports'));
  if (applications.length === 0) return '[]';
  return ports.length === 0
    ? '[\n]'
    : `[\n    ${ports.map((port) => JSON.stringify(port)).join('\n    ,')}\n]`;
}

function plain(name: string, value: string): JsonObject {
  return { name, value };
}

function optional(name: string, value: string): readonly JsonObject[] {
  return value === '' ? [] : [plain(name, value)];
}

function field(name: string, fieldPath: string): JsonObject {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}

function resource(name: string, which: string): JsonObject {
  return { name, valueFrom: { resourceFieldRef: { resource: which } } };
}
