import { numberAt } from '../../kinds/json.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { imageOf } from '../../mesh/images.ts';
import { ISTIO_TOKEN, METRICS_PORT } from '../../mesh/injection/index.ts';
import { meshConfig } from './config-maps.ts';
import type { KubernetesSettings } from './kubernetes-settings.ts';
import { revised } from './names.ts';
import type { Operator } from './operator.ts';
import { textAt } from './tree.ts';
import { fieldEnv, GO_LIMITS, LOCKED_DOWN, mergeEnv, plainEnv } from './workload.ts';

/** A gateway as its pod sees it. */
export interface GatewayPod {
  readonly name: string;
  readonly namespace: string;
  /** `ingressgateway` or `egressgateway`: names the volumes for certificates. */
  readonly istio: string;
  /** Ports of the Service. */
  readonly ports: readonly JsonObject[];
  readonly settings: KubernetesSettings;
}

/** The pod of a gateway: Envoy as a router, without an application. */
export function gatewayPodSpec(operator: Operator, gateway: GatewayPod): JsonObject {
  return {
    containers: [container(operator, gateway)],
    securityContext: { runAsGroup: 1337, runAsNonRoot: true, runAsUser: 1337 },
    serviceAccountName: `${gateway.name}-service-account`,
    volumes: volumes(operator, gateway),
    ...gateway.settings.placement,
  };
}

function container(operator: Operator, gateway: GatewayPod): JsonObject {
  const { values } = operator;
  const proxy = (name: string) => textAt(values, 'global', 'proxy', name);
  const imagePullPolicy = textAt(values, 'global', 'imagePullPolicy');
  return {
    name: 'istio-proxy',
    image: imageOf(operator, proxy('image')),
    ...(imagePullPolicy !== '' && { imagePullPolicy }),
    args: [
      'proxy',
      'router',
      '--domain',
      `$(POD_NAMESPACE).svc.${proxy('clusterDomain')}`,
      `--proxyLogLevel=${proxy('logLevel')}`,
      `--proxyComponentLogLevel=${proxy('componentLogLevel')}`,
      `--log_output_level=${textAt(values, 'global', 'logging', 'level')}`,
    ],
    ports: [
      ...gateway.ports.map((port) => ({
        containerPort: numberAt(port, 'targetPort') ?? numberAt(port, 'port'),
        protocol: 'TCP',
      })),
      METRICS_PORT,
    ],
    readinessProbe: {
      failureThreshold: 30,
      httpGet: { path: '/healthz/ready', port: 15021, scheme: 'HTTP' },
      initialDelaySeconds: 1,
      periodSeconds: 2,
      successThreshold: 1,
      timeoutSeconds: 1,
    },
    env: mergeEnv(ownEnv(operator, gateway), gateway.settings.env),
    resources: gateway.settings.resources,
    securityContext: LOCKED_DOWN,
    volumeMounts: mounts(gateway),
  };
}

function ownEnv(operator: Operator, { name, namespace }: GatewayPod): readonly JsonObject[] {
  const { values } = operator;
  const trustDomain = textAt(meshConfig(operator), 'trustDomain');
  return [
    ...plainEnv({
      PILOT_CERT_PROVIDER: textAt(values, 'global', 'pilotCertProvider'),
      CA_ADDR:
        textAt(values, 'global', 'caAddress') ||
        `${revised('istiod', operator)}.${operator.namespace}.svc:15012`,
    }),
    ...fieldEnv({
      NODE_NAME: 'spec.nodeName',
      POD_NAME: 'metadata.name',
      POD_NAMESPACE: 'metadata.namespace',
      INSTANCE_IP: 'status.podIP',
      HOST_IP: 'status.hostIP',
    }),
    { name: 'ISTIO_CPU_LIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
    ...fieldEnv({ SERVICE_ACCOUNT: 'spec.serviceAccountName' }),
    ...plainEnv({
      ISTIO_META_WORKLOAD_NAME: name,
      ISTIO_META_OWNER: `kubernetes://apis/apps/v1/namespaces/${namespace}/deployments/${name}`,
      ISTIO_META_MESH_ID: textAt(values, 'global', 'meshID') || trustDomain,
      TRUST_DOMAIN: trustDomain,
      ISTIO_META_UNPRIVILEGED_POD: 'true',
    }),
    ...GO_LIMITS,
    ...plainEnv({
      ISTIO_META_CLUSTER_ID:
        textAt(values, 'global', 'multiCluster', 'clusterName') || 'Kubernetes',
    }),
    ...fieldEnv({ ISTIO_META_NODE_NAME: 'spec.nodeName' }),
  ];
}

function mounts({ istio }: GatewayPod): readonly JsonObject[] {
  return [
    { name: 'workload-socket', mountPath: '/var/run/secrets/workload-spiffe-uds' },
    { name: 'credential-socket', mountPath: '/var/run/secrets/credential-uds' },
    { name: 'workload-certs', mountPath: '/var/run/secrets/workload-spiffe-credentials' },
    { name: 'istio-envoy', mountPath: '/etc/istio/proxy' },
    { name: 'config-volume', mountPath: '/etc/istio/config' },
    { name: 'istiod-ca-cert', mountPath: '/var/run/secrets/istio' },
    { name: 'istio-token', mountPath: '/var/run/secrets/tokens', readOnly: true },
    { name: 'istio-data', mountPath: '/var/lib/istio/data' },
    { name: 'podinfo', mountPath: '/etc/istio/pod' },
    { name: `${istio}-certs`, mountPath: `/etc/istio/${istio}-certs`, readOnly: true },
    { name: `${istio}-ca-certs`, mountPath: `/etc/istio/${istio}-ca-certs`, readOnly: true },
  ];
}

function volumes(operator: Operator, { istio, name }: GatewayPod): readonly JsonObject[] {
  const secret = (kind: 'certs' | 'ca-certs'): JsonObject => ({
    name: `${istio}-${kind}`,
    secret: { optional: true, secretName: `${name}-${kind}` },
  });
  return [
    empty('workload-socket'),
    empty('credential-socket'),
    empty('workload-certs'),
    { name: 'istiod-ca-cert', configMap: { name: 'istio-ca-root-cert' } },
    {
      name: 'podinfo',
      downwardAPI: {
        items: ['labels', 'annotations'].map((path) => ({
          path,
          fieldRef: { apiVersion: 'v1', fieldPath: `metadata.${path}` },
        })),
      },
    },
    empty('istio-envoy'),
    empty('istio-data'),
    ISTIO_TOKEN,
    { name: 'config-volume', configMap: { name: revised('istio', operator), optional: true } },
    secret('certs'),
    secret('ca-certs'),
  ];
}

function empty(name: string): JsonObject {
  return { name, emptyDir: {} };
}
