import type { JsonObject } from '../../kinds/object.ts';
import { environment } from './environment.ts';
import { settingAt, type InjectionSettings } from './settings.ts';
import { holdsApplication, type InjectionTarget, proxyImage, resources } from './target.ts';
import { userMounts } from './volumes.ts';

/** Envoy and its agent beside the application. */
export function proxyContainer(settings: InjectionSettings, target: InjectionTarget): JsonObject {
  return {
    name: 'istio-proxy',
    image: proxyImage(settings, target),
    args: proxyArguments('sidecar', settings, target),
    env: environment(settings, target),
    ...lifecycle(target),
    ...(target.isNative && { restartPolicy: 'Always' }),
    ports: [METRICS_PORT],
    ...probes(settings, target),
    resources: resources(settings, target),
    securityContext: UNPRIVILEGED,
    volumeMounts: [...MOUNTS, ...userMounts(target.annotations)],
  };
}

/** Envoy alone, where the pod's author left its container to istiod (`image: auto`, template `gateway`). */
export function gatewayContainer(settings: InjectionSettings, target: InjectionTarget): JsonObject {
  return {
    name: 'istio-proxy',
    image: proxyImage(settings, target),
    args: proxyArguments('router', settings, target),
    env: [
      ...environment(settings, target).filter(
        ({ name }) => name !== 'ISTIO_META_INTERCEPTION_MODE',
      ),
      { name: 'ISTIO_META_UNPRIVILEGED_POD', value: 'true' },
    ],
    ports: [METRICS_PORT],
    readinessProbe: {
      httpGet: HEALTH,
      initialDelaySeconds: 1,
      periodSeconds: 2,
      timeoutSeconds: 3,
      failureThreshold: 30,
    },
    resources: resources(settings, target),
    securityContext: UNPRIVILEGED,
    volumeMounts: [...MOUNTS, ...userMounts(target.annotations)],
  };
}

function proxyArguments(
  role: 'router' | 'sidecar',
  settings: InjectionSettings,
  { annotations }: InjectionTarget,
): readonly string[] {
  const proxy = (name: string, otherwise: string) =>
    settingAt(settings, `global.proxy.${name}`, otherwise);
  const logLevel = annotations['sidecar.istio.io/logLevel'] ?? proxy('logLevel', 'warning');
  const componentLogLevel =
    annotations['sidecar.istio.io/componentLogLevel'] ?? proxy('componentLogLevel', 'misc:error');
  const agentLogLevel =
    annotations['sidecar.istio.io/agentLogLevel'] ??
    settingAt(settings, 'global.logging.level', 'default:info');
  return [
    'proxy',
    role,
    '--domain',
    `$(POD_NAMESPACE).svc.${proxy('clusterDomain', 'cluster.local')}`,
    `--proxyLogLevel=${logLevel}`,
    `--proxyComponentLogLevel=${componentLogLevel}`,
    `--log_output_level=${agentLogLevel}`,
    ...(settingAt(settings, 'global.logAsJson') === 'true' ? ['--log_as_json'] : []),
  ];
}

/** A native sidecar drains before it ends; one among the containers may hold back the application until it is ready. */
function lifecycle({ isNative, proxyConfig }: InjectionTarget): JsonObject {
  const drain = ['pilot-agent', 'request', '--debug-port=15020', 'POST', 'drain'];
  if (isNative) return { lifecycle: { preStop: { exec: { command: drain } } } };
  if (!holdsApplication(proxyConfig)) return {};
  return { lifecycle: { postStart: { exec: { command: ['pilot-agent', 'wait'] } } } };
}

const METRICS_PORT: JsonObject = {
  containerPort: 15090,
  name: 'http-envoy-prom',
  protocol: 'TCP',
};
const HEALTH: JsonObject = { path: '/healthz/ready', port: 15021 };

const UNPRIVILEGED: JsonObject = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  privileged: false,
  readOnlyRootFilesystem: true,
  runAsGroup: 1337,
  runAsNonRoot: true,
  runAsUser: 1337,
};

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

/** How the kubelet asks whether the proxy is ready; `status.sidecar.istio.io/port: "0"` turns that off. */
function probes(settings: InjectionSettings, { annotations }: InjectionTarget): JsonObject {
  if (annotations['status.sidecar.istio.io/port'] === '0') return {};
  const number = (name: string, setting: string, otherwise: number) =>
    Number(
      annotations[`readiness.status.sidecar.istio.io/${name}`] ??
        settingAt(settings, `global.proxy.${setting}`, String(otherwise)),
    );
  const delay = number('initialDelaySeconds', 'readinessInitialDelaySeconds', 0);
  return {
    readinessProbe: {
      httpGet: HEALTH,
      ...(delay > 0 && { initialDelaySeconds: delay }),
      periodSeconds: number('periodSeconds', 'readinessPeriodSeconds', 15),
      timeoutSeconds: 3,
      failureThreshold: number('failureThreshold', 'readinessFailureThreshold', 4),
    },
    ...(settingAt(settings, 'global.proxy.startupProbe.enabled', 'true') === 'true' && {
      startupProbe: {
        httpGet: HEALTH,
        periodSeconds: 1,
        timeoutSeconds: 3,
        failureThreshold: Number(
          settingAt(settings, 'global.proxy.startupProbe.failureThreshold', '600'),
        ),
      },
    }),
  };
}
