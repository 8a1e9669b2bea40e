import type { JsonObject, Labels } from '../../kinds/object.ts';
import { domain, logLevels, METRICS_PORT } from './containers.ts';
import { environment } from './environment.ts';
import { proxyConfigOf } from './proxy-config.ts';
import { UNPRIVILEGED } from './security-context.ts';
import type { InjectionSettings } from './settings.ts';
import { type InjectionTarget, proxyImage } from './target.ts';
import { MANAGED_GATEWAY_STORAGE } from './volumes.ts';

/** A gateway that istiod runs itself. */
export interface ManagedGateway {
  /** Of its Deployment. */
  readonly name: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly labels: Labels;
  readonly annotations: Labels;
}

const STATUS_PORT = 15_021;

/** The pod of a gateway that istiod manages (Istio's template `kube-gateway`): Envoy as a router, without an application. */
export function managedGatewayPod(
  settings: InjectionSettings,
  { name, namespace, serviceAccount, labels, annotations }: ManagedGateway,
): JsonObject {
  const { volumes, volumeMounts } = MANAGED_GATEWAY_STORAGE;
  const target: InjectionTarget = {
    namespace,
    workload: name,
    owner: `kubernetes://apis/apps/v1/namespaces/${namespace}/deployments/${name}`,
    annotations,
    applications: [],
    probers: {},
    proxyConfig: proxyConfigOf(settings, { namespace, labels, annotations }),
    isNative: false,
  };
  return {
    securityContext: { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] },
    serviceAccountName: serviceAccount,
    containers: [
      {
        name: 'istio-proxy',
        image: proxyImage(settings, target),
        args: [
          'proxy',
          'router',
          '--domain',
          domain(settings),
          ...logLevels(settings, target).flat(),
        ],
        ports: [
          { containerPort: 15_020, name: 'metrics', protocol: 'TCP' },
          { containerPort: STATUS_PORT, name: 'status-port', protocol: 'TCP' },
          METRICS_PORT,
        ],
        env: environment(settings, target),
        resources: { requests: settings.requests, limits: settings.limits },
        securityContext: UNPRIVILEGED,
        startupProbe: {
          ...HEALTHY,
          failureThreshold: 30,
          initialDelaySeconds: 1,
          periodSeconds: 1,
        },
        readinessProbe: { ...HEALTHY, failureThreshold: 4, periodSeconds: 15 },
        volumeMounts,
      },
    ],
    volumes,
  };
}

const HEALTHY: JsonObject = {
  httpGet: { path: '/healthz/ready', port: STATUS_PORT, scheme: 'HTTP' },
  successThreshold: 1,
  timeoutSeconds: 1,
};
