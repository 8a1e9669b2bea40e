import type { NewObject } from '../../client/client.ts';
import { isObject, listAt, objectAt, objectsAt } from '../../kinds/json.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { OperatorError } from './operator-error.ts';
import { parsePath, removeAt, setAt } from './set-flag.ts';
import { merge, textAt, textsAt, without } from './tree.ts';

/** Which objects of a component `components.*.k8s` speaks of. */
export interface PatchTarget {
  /** Name of the Deployment, and of the Service, autoscaler and disruption budget beside it. */
  readonly name: string;
  readonly container: string;
  /** Ports of the Service that the component has looked at already; they are not patched again. */
  readonly hasOwnPorts: boolean;
}

/**
 * The objects of a component with its `k8s` settings laid over them, then its `overlays`
 * (https://istio.io/latest/docs/setup/additional-setup/customize-installation/#customize-kubernetes-settings).
 * Overlays whose path leads nowhere change nothing, as in Istio.
 */
export function patched(
  objects: readonly NewObject[],
  component: JsonObject,
  target: PatchTarget,
): readonly NewObject[] {
  const k8s = objectAt(component, 'k8s');
  const patches = patchesOf(k8s, target);
  return objects
    .map((object) =>
      patches
        .filter(({ kind }) => kind === object.kind && object.metadata.name === target.name)
        .reduce((merged, { patch }) => patchedOnce(merged, patch), object),
    )
    .map((object) => overlaid(object, listAt(k8s, 'overlays')));
}

interface Patch {
  readonly kind: string;
  readonly patch: JsonObject;
}

/** Where each setting goes; `container` is the name of the component's own container. */
const PLACES: Readonly<
  Record<string, { readonly kind: string; patch(value: Json, container: string): JsonObject }>
> = {
  affinity: { kind: 'Deployment', patch: (affinity) => podSpec({ affinity }) },
  env: { kind: 'Deployment', patch: (env, name) => inContainer({ name, env }) },
  hpaSpec: { kind: 'HorizontalPodAutoscaler', patch: (spec) => ({ spec }) },
  imagePullPolicy: {
    kind: 'Deployment',
    patch: (imagePullPolicy, name) => inContainer({ name, imagePullPolicy }),
  },
  nodeSelector: { kind: 'Deployment', patch: (nodeSelector) => podSpec({ nodeSelector }) },
  podAnnotations: {
    kind: 'Deployment',
    patch: (annotations) => ({ spec: { template: { metadata: { annotations } } } }),
  },
  podDisruptionBudget: { kind: 'PodDisruptionBudget', patch: (spec) => ({ spec }) },
  priorityClassName: {
    kind: 'Deployment',
    patch: (priorityClassName) => podSpec({ priorityClassName }),
  },
  readinessProbe: {
    kind: 'Deployment',
    patch: (readinessProbe, name) => inContainer({ name, readinessProbe }),
  },
  replicaCount: { kind: 'Deployment', patch: (replicas) => ({ spec: { replicas } }) },
  resources: {
    kind: 'Deployment',
    patch: (resources, name) => inContainer({ name, resources }),
  },
  securityContext: {
    kind: 'Deployment',
    patch: (securityContext) => podSpec({ securityContext }),
  },
  service: { kind: 'Service', patch: (spec) => ({ spec }) },
  serviceAnnotations: {
    kind: 'Service',
    patch: (annotations) => ({ metadata: { annotations } }),
  },
  strategy: { kind: 'Deployment', patch: (strategy) => ({ spec: { strategy } }) },
  tolerations: { kind: 'Deployment', patch: (tolerations) => podSpec({ tolerations }) },
};

/** Settings of `k8s`, `overlays` among them. */
export const K8S_FIELDS: readonly string[] = [...Object.keys(PLACES), 'overlays'];

function podSpec(spec: JsonObject): JsonObject {
  return { spec: { template: { spec } } };
}

function inContainer(container: JsonObject): JsonObject {
  return podSpec({ containers: [container] });
}

function patchesOf(k8s: JsonObject, { container, hasOwnPorts }: PatchTarget): readonly Patch[] {
  return Object.entries(PLACES).flatMap(([field, place]): Patch[] => {
    const asked = k8s[field];
    if (asked === undefined || asked === null) return [];
    const value =
      field === 'service' && hasOwnPorts && isObject(asked) ? without(asked, 'ports') : asked;
    return [{ kind: place.kind, patch: place.patch(value, container) }];
  });
}

function patchedOnce(object: NewObject, { metadata, spec }: JsonObject): NewObject {
  const annotations = { ...object.metadata.annotations, ...textsAt(metadata, 'annotations') };
  return {
    ...object,
    ...(isObject(metadata) && { metadata: { ...object.metadata, annotations } }),
    ...(isObject(spec) && { spec: patchedSpec(object, spec) }),
  };
}

/** What is set to null goes; a budget has one of its two limits, and the one asked for wins. */
function patchedSpec(object: NewObject, patch: JsonObject): JsonObject {
  const spec = withoutNulls(merge(objectAt(object, 'spec'), patch));
  if (object.kind !== 'PodDisruptionBudget' || spec['maxUnavailable'] === undefined) return spec;
  return without(spec, 'minAvailable');
}

function withoutNulls(tree: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(tree)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => [key, isObject(value) ? withoutNulls(value) : value]),
  );
}

function overlaid(object: NewObject, overlays: readonly Json[]): NewObject {
  return overlays
    .filter(
      (overlay) =>
        textAt(overlay, 'kind') === object.kind && textAt(overlay, 'name') === object.metadata.name,
    )
    .flatMap((overlay) => objectsAt(overlay, 'patches'))
    .reduce(overlaidOnce, object);
}

/** A patch without a value takes away what is at its path. */
function overlaidOnce(object: NewObject, { path, value }: JsonObject): NewObject {
  try {
    const steps = parsePath(textAt(path));
    const { apiVersion, kind, metadata, ...rest } = object;
    const tree: JsonObject = { ...rest, metadata: objectAt({ metadata }, 'metadata') };
    const changed =
      value === undefined || value === null ? removeAt(tree, steps) : setAt(tree, steps, value);
    const { metadata: changedMetadata, ...changedRest } = objectAt(changed);
    return {
      ...changedRest,
      apiVersion,
      kind,
      metadata: { ...metadata, ...objectAt(changedMetadata) },
    };
  } catch (error) {
    if (error instanceof OperatorError) return object;
    throw error;
  }
}
