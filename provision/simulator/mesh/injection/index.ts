/** The sidecar injector: a pod in, the pod with Istio's proxy out. Used by istiod's webhook and by `istioctl kube-inject`. */
import { objectAt, objectsAt, stringMapAt } from '../../kinds/json.ts';
import type { JsonObject, Labels } from '../../kinds/object.ts';
import { rewriteProbes } from './app-probes.ts';
import { gatewayContainer, proxyContainer } from './containers.ts';
import { mergesMetrics } from './environment.ts';
import { overlay } from './overlay.ts';
import { overridesOf } from './overrides.ts';
import { nameOf } from './parts.ts';
import { proxyConfigOf } from './proxy-config.ts';
import { initContainer } from './redirection.ts';
import { type InjectionSettings, settingAt } from './settings.ts';
import { holdsApplication, type InjectionTarget } from './target.ts';
import { chosenTemplates } from './templates.ts';
import { proxyVolumes } from './volumes.ts';

export { METRICS_PORT } from './containers.ts';
export { managedGatewayPod } from './managed-gateway.ts';
export { UNPRIVILEGED } from './security-context.ts';
export { type InjectionSettings, readInjectionSettings } from './settings.ts';
export { ISTIO_TOKEN } from './volumes.ts';
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
  /** `apis/apps/v1/namespaces/default/deployments/reviews-v1`; left out: a Deployment of the workload's name. */
  readonly owner?: string;
}

/**
 * The pod with istio-init, istio-proxy and their volumes, labels and annotations, as Istio 1.30 makes it on nodes of
 * Kubernetes 1.33 and newer: the proxy is a native sidecar unless the pod's annotation says otherwise
 * (https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/).
 * A container named istio-proxy that the pod has already lies over the one that is added (`image: auto` takes ours).
 * @throws Error for annotations that cannot be followed
 */
export function injectPod(
  pod: PodParts,
  context: InjectionContext,
  settings: InjectionSettings,
): PodParts {
  const templates = chosenTemplates(pod.metadata.annotations ?? {}, settings);
  const target = targetOf(pod, context, settings);
  const shape = templates.base === 'gateway' ? asGateway : withSidecar;
  const injected = shape(pod, target, settings);
  return templates.custom.reduce(
    ({ metadata, spec }, template): PodParts => ({
      metadata: {
        ...metadata,
        labels: { ...metadata.labels, ...stringMapAt(template, 'metadata', 'labels') },
        annotations: {
          ...metadata.annotations,
          ...stringMapAt(template, 'metadata', 'annotations'),
        },
      },
      spec: overlay(spec, ofTemplate(template, target)),
    }),
    injected,
  );
}

function targetOf(
  { metadata, spec }: PodParts,
  { namespace, workload, owner }: InjectionContext,
  settings: InjectionSettings,
): InjectionTarget {
  const { labels = {}, annotations = {} } = metadata;
  const own = objectsAt(spec, 'containers').filter((one) => nameOf(one) !== PROXY);
  const rewrites =
    (annotations['sidecar.istio.io/rewriteAppHTTPProbers'] ??
      settingAt(settings, 'sidecarInjectorWebhook.rewriteAppHTTPProbe', 'true')) === 'true';
  const { containers, probers } = rewrites ? rewriteProbes(own) : { containers: own, probers: {} };
  const native = annotations['sidecar.istio.io/nativeSidecar'];
  const path = owner ?? `apis/apps/v1/namespaces/${namespace}/deployments/${workload}`;
  return {
    namespace,
    workload,
    owner: `kubernetes://${path}`,
    annotations,
    applications: containers,
    probers,
    proxyConfig: proxyConfigOf(settings, { namespace, labels, annotations }),
    isNative: native === undefined ? settings.isNative : native === 'true',
  };
}

const PROXY = 'istio-proxy';

function withSidecar(
  pod: PodParts,
  target: InjectionTarget,
  settings: InjectionSettings,
): PodParts {
  const { spec } = pod;
  const { isNative, applications } = target;
  const proxy = customized(proxyContainer(settings, target), spec);
  const init = initContainer(settings, target);
  const inits = init ? [init] : [];
  const others = objectsAt(spec, 'initContainers').filter((one) => nameOf(one) !== PROXY);
  const isValidation = nameOf(init) === 'istio-validation';
  // Native: the application's own init containers are in the mesh. Else traffic is redirected last, so that they are not cut off.
  const initContainers = isNative
    ? [...inits, proxy, ...others]
    : isValidation
      ? [...inits, ...others]
      : [...others, ...inits];
  const beside = isNative ? [] : [proxy];
  const isFirst = holdsApplication(target.proxyConfig);
  return finished(
    pod,
    { target, settings, addedInits: inits.map(nameOf) },
    {
      labels: { 'security.istio.io/tlsMode': 'istio' },
      spec: {
        ...spec,
        initContainers,
        containers: isFirst ? [...beside, ...applications] : [...applications, ...beside],
      },
    },
  );
}

function asGateway(pod: PodParts, target: InjectionTarget, settings: InjectionSettings): PodParts {
  const { spec } = pod;
  const proxy = customized(gatewayContainer(settings, target), spec);
  return finished(
    pod,
    { target: { ...target, isNative: false }, settings, addedInits: [] },
    {
      labels: {},
      spec: { ...spec, containers: [...target.applications, proxy] },
    },
  );
}

interface Work {
  readonly target: InjectionTarget;
  readonly settings: InjectionSettings;
  readonly addedInits: readonly string[];
}

/** What both shapes share: volumes, labels, annotations, pull secrets. */
function finished(
  { metadata, spec: original }: PodParts,
  work: Work,
  { labels: added, spec }: { readonly labels: Labels; readonly spec: JsonObject },
): PodParts {
  const { target, settings } = work;
  const labels = metadata.labels ?? {};
  const annotations = metadata.annotations ?? {};
  const own = objectsAt(spec, 'volumes');
  const volumes = proxyVolumes(annotations);
  return {
    metadata: {
      ...metadata,
      labels: { ...labels, ...added, ...canonical(labels, target.workload) },
      annotations: {
        ...annotations,
        ...stringMapAt(settings.config, 'injectedAnnotations'),
        ...addedAnnotations(annotations, work, volumes.map(nameOf)),
        ...overridesOf(original),
      },
    },
    spec: {
      ...spec,
      volumes: [
        ...volumes.filter((one) => !own.some((mine) => nameOf(mine) === nameOf(one))),
        ...own,
      ],
    },
  };
}

/** The template's container under the pod's own of the same name. */
function customized(container: JsonObject, spec: JsonObject): JsonObject {
  const own = [...objectsAt(spec, 'initContainers'), ...objectsAt(spec, 'containers')].find(
    (one) => nameOf(one) === PROXY,
  );
  if (!own) return container;
  const { image, ...rest } = own;
  return overlay(container, image === 'auto' || image === undefined ? rest : own);
}

/** A template speaks of `containers`; a native proxy stands among the init containers. */
function ofTemplate(template: JsonObject, { isNative }: InjectionTarget): JsonObject {
  const spec = objectAt(template, 'spec');
  const containers = objectsAt(spec, 'containers');
  const proxies = containers.filter((one) => nameOf(one) === PROXY);
  if (!isNative || proxies.length === 0) return spec;
  return {
    ...spec,
    containers: containers.filter((one) => nameOf(one) !== PROXY),
    initContainers: [...objectsAt(spec, 'initContainers'), ...proxies],
  };
}

function canonical(labels: Labels, workload: string): Labels {
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
    'service.istio.io/canonical-name': name,
    'service.istio.io/canonical-revision': revision,
  };
}

function addedAnnotations(
  annotations: Labels,
  { target, settings, addedInits }: Work,
  volumes: readonly string[],
): Labels {
  const { applications, isNative } = target;
  const first = nameOf(applications[0]) || PROXY;
  const revision = settings.revision === '' ? 'default' : settings.revision;
  const metrics = {
    'prometheus.io/path': '/stats/prometheus',
    'prometheus.io/port': '15020',
    'prometheus.io/scrape': 'true',
  };
  return {
    'istio.io/rev': revision,
    'kubectl.kubernetes.io/default-container':
      annotations['kubectl.kubernetes.io/default-container'] ?? first,
    'kubectl.kubernetes.io/default-logs-container':
      annotations['kubectl.kubernetes.io/default-logs-container'] ?? first,
    ...(mergesMetrics(annotations, settings.mesh) && metrics),
    'sidecar.istio.io/status': JSON.stringify({
      initContainers: isNative ? [...addedInits, PROXY] : orNull(addedInits),
      containers: isNative ? null : [PROXY],
      volumes,
      imagePullSecrets: null,
      revision,
    }),
  };
}

/** Go writes a list that was never made as null. */
function orNull(list: readonly string[]): readonly string[] | null {
  return list.length > 0 ? list : null;
}
