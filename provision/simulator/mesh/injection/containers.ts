import type { JsonObject } from '../../kinds/object.ts';
import { environment } from './environment.ts';
import { UNPRIVILEGED } from './security-context.ts';
import { settingAt, type InjectionSettings } from './settings.ts';
import { holdsApplication, type InjectionTarget, proxyImage, resources } from './target.ts';
import { MOUNTS, userMounts } from './volumes.ts';

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
  target: InjectionTarget,
): readonly string[] {
  return [
    'proxy',
    role,
    '--domain',
    domain(settings),
    ...logLevels(settings, target).map((option) => option.join('=')),
    ...(settingAt(settings, 'global.logAsJson') === 'true' ? ['--log_as_json'] : []),
  ];
}

/** DNS domain of the pod, by variables of its environment. */
export function domain(settings: InjectionSettings): string {
  return `$(POD_NAMESPACE).svc.${settingAt(settings, 'global.proxy.clusterDomain', 'cluster.local')}`;
}

/** How much Envoy and its agent log: options with their values. */
export function logLevels(
  settings: InjectionSettings,
  { annotations }: InjectionTarget,
): readonly (readonly [option: string, level: string])[] {
  const level = (annotation: string, setting: string, otherwise: string) =>
    annotations[`sidecar.istio.io/${annotation}`] ?? settingAt(settings, setting, otherwise);
  return [
    ['--proxyLogLevel', level('logLevel', 'global.proxy.logLevel', 'warning')],
    [
      '--proxyComponentLogLevel',
      level('componentLogLevel', 'global.proxy.componentLogLevel', 'misc:error'),
    ],
    ['--log_output_level', level('agentLogLevel', 'global.logging.level', 'default:info')],
  ];
}

/** A native sidecar drains before it ends; one among the containers may hold back the application until it is ready. */
function lifecycle({ isNative, proxyConfig }: InjectionTarget): JsonObject {
  const drain = ['pilot-agent', 'request', '--debug-port=15020', 'POST', 'drain'];
  if (isNative) return { lifecycle: { preStop: { exec: { command: drain } } } };
  if (!holdsApplication(proxyConfig)) return {};
  return { lifecycle: { postStart: { exec: { command: ['pilot-agent', 'wait'] } } } };
}

/** Where Prometheus finds Envoy's own metrics. */
export const METRICS_PORT: JsonObject = {
  containerPort: 15090,
  name: 'http-envoy-prom',
  protocol: 'TCP',
};
const HEALTH: JsonObject = { path: '/healthz/ready', port: 15021 };

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
