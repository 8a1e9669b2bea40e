/** The sidecar injector: a pod in, the pod with Istio's proxy out. Used by istiod's webhook and by `istioctl kube-inject`. */
import type { JsonObject, Labels } from '../../kinds/object.ts';
import { rewriteProbes } from './app-probes.ts';
import { initContainer, type InjectionTarget, proxyContainer, VOLUMES } from './containers.ts';
import { nameOf, objectsOf } from './parts.ts';
import type { InjectionSettings } from './settings.ts';

export { ISTIO_TOKEN } from './containers.ts';
export { type InjectionSettings, readInjectionSettings } from './settings.ts';
export { EXEMPT_NAMESPACES, wantsSidecar } from './who.ts';

/** A pod, or the pod template of a workload: what injection reads and changes. */
export interface PodParts {
  readonly metadata: {
    readonly name?: string;
    readonly generateName?: string;
    readonly namespace?: string;
    readonly labels?: Labels;
    readonly annotations?: Labels;
    readonly [field: string]: unknown;
  };
  readonly spec: JsonObject;
}

/** What the pod belongs to. */
export interface InjectionContext {
  readonly namespace: string;
  /** Name of the workload: the Deployment's, or the pod's own. */
  readonly workload: string;
}

/**
 * The pod with istio-init, istio-proxy and their volumes, labels and annotations, as Istio 1.30 makes it on nodes of
 * Kubernetes 1.33 and newer: the proxy is a native sidecar unless the pod's annotation says otherwise
 * (https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/).
 */
export function injectPod(
  pod: PodParts,
  context: InjectionContext,
  settings: InjectionSettings,
): PodParts {
  const { metadata, spec } = pod;
  const labels = metadata.labels ?? {};
  const annotations = metadata.annotations ?? {};
  const { containers: applications, probers } = rewriteProbes(objectsOf(spec['containers']));
  const isNative = annotations['sidecar.istio.io/nativeSidecar'] !== 'false';
  const target: InjectionTarget = { ...context, annotations, applications, probers, isNative };
  const proxy = proxyContainer(settings, target);
  const before = objectsOf(spec['initContainers']);
  return {
    metadata: {
      ...metadata,
      labels: { ...labels, ...addedLabels(labels, context.workload) },
      annotations: { ...annotations, ...addedAnnotations(annotations, target, settings) },
    },
    spec: {
      ...spec,
      initContainers: [initContainer(settings, target), ...(isNative ? [proxy] : []), ...before],
      containers: [...applications, ...(isNative ? [] : [proxy])],
      volumes: [...VOLUMES, ...objectsOf(spec['volumes'])],
    },
  };
}

function addedLabels(labels: Labels, workload: string): Labels {
  const name =
    labels['service.istio.io/canonical-name'] ??
    labels['app.kubernetes.io/name'] ??
    labels['app'] ??
    workload;
  const revision =
    labels['service.istio.io/canonical-revision'] ??
    labels['app.kubernetes.io/version'] ??
    labels['version'] ??
    'latest';
  return {
    'security.istio.io/tlsMode': 'istio',
    'service.istio.io/canonical-name': name,
    'service.istio.io/canonical-revision': revision,
  };
}

function addedAnnotations(
  annotations: Labels,
  { applications, isNative }: InjectionTarget,
  settings: InjectionSettings,
): Labels {
  const first = nameOf(applications[0]);
  const revision = settings.revision === '' ? 'default' : settings.revision;
  return {
    'istio.io/rev': revision,
    'kubectl.kubernetes.io/default-container':
      annotations['kubectl.kubernetes.io/default-container'] ?? first,
    'kubectl.kubernetes.io/default-logs-container':
      annotations['kubectl.kubernetes.io/default-logs-container'] ?? first,
    'prometheus.io/path': '/stats/prometheus',
    'prometheus.io/port': '15020',
    'prometheus.io/scrape': 'true',
    'sidecar.istio.io/status': JSON.stringify({
      initContainers: isNative ? ['istio-init', 'istio-proxy'] : ['istio-init'],
      containers: isNative ? null : ['istio-proxy'],
      volumes: VOLUMES.map(({ name }) => name),
      imagePullSecrets: null,
      revision,
    }),
  };
}
