import type { NewObject } from '../../client/client.ts';
import { at, objectAt } from '../../kinds/json.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { imageOf } from '../../mesh/images.ts';
import { ISTIO_TOKEN } from '../../mesh/injection/index.ts';
import { istiodConfigMaps } from './config-maps.ts';
import { revisionWebhooks } from './injection-webhooks.ts';
import { kubernetesSettings, type KubernetesSettings } from './kubernetes-settings.ts';
import { installLabels, podLabels, revised, revisionLabel } from './names.ts';
import { operatorFor, type Operator } from './operator.ts';
import { patched } from './patches.ts';
import { istiodRbac } from './rbac.ts';
import { textAt, textsAt } from './tree.ts';
import { validationWebhook } from './validation-webhooks.ts';
import {
  autoscaler,
  deployment,
  fieldEnv,
  GO_LIMITS,
  LOCKED_DOWN,
  mergeEnv,
  plainEnv,
  service,
  type Workload,
} from './workload.ts';

/**
 * The control plane of one revision.
 * @param holdsDefaultTag whether the revision tag `default` points to it
 */
export function istiodObjects(operator: Operator, holdsDefaultTag: boolean): readonly NewObject[] {
  const labels = installLabels(operator, 'Pilot', 'istiod');
  const workload = workloadOf(operator);
  const objects = [
    ...istiodRbac(operator, labels),
    ...istiodConfigMaps(operator, labels),
    ...revisionWebhooks(operator, labels, holdsDefaultTag),
    validationWebhook(operator, labels, 'istio-validator'),
    deployment(workload, podTemplate(operator, workload)),
    ...disruptionBudget(workload),
    service(workload, {
      ...workload.settings.service,
      ports: SERVICE_PORTS,
      selector: workload.selector,
    }),
    ...(holdsDefaultTag ? [tagService(operator, 'default')] : []),
    ...autoscaler(workload),
  ];
  return patched(objects, objectAt(operator.spec, 'components', 'pilot'), {
    name: workload.name,
    container: 'discovery',
    hasOwnPorts: false,
  });
}

/** The Service by which a revision tag reaches the istiod it points to: `istiod-revision-tag-prod`. */
export function tagService(operator: Operator, tag: string): NewObject {
  const workload = workloadOf(operator);
  const { selector, labels } = workload;
  return service(
    { ...workload, name: `istiod-revision-tag-${tag}`, labels: { ...labels, 'istio.io/tag': tag } },
    { ports: SERVICE_PORTS, selector },
  );
}

function workloadOf(operator: Operator): Workload {
  const { revision, namespace, values } = operator;
  const labels = installLabels(operator, 'Pilot', 'istiod');
  return {
    name: revised('istiod', operator),
    namespace,
    labels: { ...labels, app: 'istiod', istio: 'pilot' },
    selector:
      revision === ''
        ? { app: 'istiod', istio: 'pilot' }
        : { app: 'istiod', 'istio.io/rev': revision },
    settings: kubernetesSettings(objectAt(values, 'pilot')),
  };
}

/** Only where more than one replica may run: a budget of one would otherwise block every drain. */
function disruptionBudget({
  name,
  namespace,
  labels,
  selector,
  settings,
}: Workload): readonly NewObject[] {
  const mostReplicas = settings.autoscaling?.max ?? settings.replicas;
  if (mostReplicas <= 1) return [];
  return [
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name, namespace, labels },
      spec: { minAvailable: 1, selector: { matchLabels: selector } },
    },
  ];
}

function podTemplate(operator: Operator, { name, selector, settings }: Workload): JsonObject {
  return {
    metadata: {
      annotations: {
        'prometheus.io/port': '15014',
        'prometheus.io/scrape': 'true',
        'sidecar.istio.io/inject': 'false',
        ...textsAt(settings.podAnnotations),
      },
      labels: {
        ...podLabels(operator, 'Pilot', 'istiod'),
        ...textsAt(settings.podLabels),
        ...selector,
        istio: operator.revision === '' ? 'pilot' : 'istiod',
        'istio.io/dataplane-mode': 'none',
        'sidecar.istio.io/inject': 'false',
      },
    },
    spec: {
      containers: [container(operator, settings)],
      serviceAccountName: name,
      tolerations: [{ key: 'cni.istio.io/not-ready', operator: 'Exists' }],
      volumes: VOLUMES,
      ...settings.placement,
    },
  };
}

function container(operator: Operator, settings: KubernetesSettings): JsonObject {
  const { values, spec } = operator;
  const own = operatorFor(
    operator,
    objectAt(spec, 'components', 'pilot'),
    objectAt(values, 'pilot'),
  );
  const imagePullPolicy = textAt(values, 'global', 'imagePullPolicy');
  return {
    name: 'discovery',
    image: imageOf(own, textAt(values, 'pilot', 'image')),
    ...(imagePullPolicy !== '' && { imagePullPolicy }),
    args: [
      'discovery',
      '--monitoringAddr=:15014',
      `--log_output_level=${textAt(values, 'global', 'logging', 'level')}`,
      ...(at(values, 'global', 'logAsJson') === true ? ['--log_as_json'] : []),
      '--domain',
      textAt(values, 'global', 'proxy', 'clusterDomain'),
      '--keepaliveMaxServerConnectionAge',
      textAt(values, 'pilot', 'keepaliveMaxServerConnectionAge'),
    ],
    ports: [
      { containerPort: 8080, name: 'http-debug', protocol: 'TCP' },
      { containerPort: 15010, name: 'grpc-xds', protocol: 'TCP' },
      { containerPort: 15012, name: 'tls-xds', protocol: 'TCP' },
      { containerPort: 15017, name: 'https-webhooks', protocol: 'TCP' },
      { containerPort: 15014, name: 'http-monitoring', protocol: 'TCP' },
    ],
    readinessProbe: {
      httpGet: { path: '/ready', port: 8080 },
      initialDelaySeconds: 1,
      periodSeconds: 3,
      timeoutSeconds: 5,
    },
    env: mergeEnv(ownEnv(operator), settings.env),
    resources: settings.resources,
    securityContext: LOCKED_DOWN,
    volumeMounts: MOUNTS,
  };
}

function ownEnv(operator: Operator): readonly JsonObject[] {
  const { values } = operator;
  return [
    ...plainEnv({
      REVISION: revisionLabel(operator),
      PILOT_CERT_PROVIDER: textAt(values, 'global', 'pilotCertProvider'),
    }),
    ...fieldEnv({
      POD_NAME: 'metadata.name',
      POD_NAMESPACE: 'metadata.namespace',
      SERVICE_ACCOUNT: 'spec.serviceAccountName',
    }),
    ...plainEnv({
      KUBECONFIG: '/var/run/secrets/remote/config',
      PILOT_TRACE_SAMPLING: textAt(values, 'pilot', 'traceSampling'),
      PILOT_ENABLE_ANALYSIS: textAt(values, 'global', 'istiod', 'enableAnalysis'),
      CLUSTER_ID: textAt(values, 'global', 'multiCluster', 'clusterName') || 'Kubernetes',
    }),
    ...GO_LIMITS,
    ...plainEnv({ PLATFORM: textAt(values, 'global', 'platform') }),
  ];
}

const SERVICE_PORTS: readonly JsonObject[] = [
  { name: 'grpc-xds', port: 15010, protocol: 'TCP' },
  { name: 'https-dns', port: 15012, protocol: 'TCP' },
  { name: 'https-webhook', port: 443, protocol: 'TCP', targetPort: 15017 },
  { name: 'http-monitoring', port: 15014, protocol: 'TCP' },
];

const MOUNTS: readonly JsonObject[] = [
  { name: 'istio-token', mountPath: '/var/run/secrets/tokens', readOnly: true },
  { name: 'local-certs', mountPath: '/var/run/secrets/istio-dns' },
  { name: 'cacerts', mountPath: '/etc/cacerts', readOnly: true },
  { name: 'istio-kubeconfig', mountPath: '/var/run/secrets/remote', readOnly: true },
  { name: 'istio-csr-dns-cert', mountPath: '/var/run/secrets/istiod/tls', readOnly: true },
  { name: 'istio-csr-ca-configmap', mountPath: '/var/run/secrets/istiod/ca', readOnly: true },
];

const VOLUMES: readonly JsonObject[] = [
  { name: 'local-certs', emptyDir: { medium: 'Memory' } },
  ISTIO_TOKEN,
  { name: 'cacerts', secret: { optional: true, secretName: 'cacerts' } },
  { name: 'istio-kubeconfig', secret: { optional: true, secretName: 'istio-kubeconfig' } },
  { name: 'istio-csr-dns-cert', secret: { optional: true, secretName: 'istiod-tls' } },
  {
    name: 'istio-csr-ca-configmap',
    configMap: { defaultMode: 420, name: 'istio-ca-root-cert', optional: true },
  },
];
