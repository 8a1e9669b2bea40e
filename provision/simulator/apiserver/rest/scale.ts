import { timestamp } from '../../clock.ts';
import { kindsOf } from '../../kinds/define.ts';
import type { Kind } from '../../kinds/kind.ts';
import type { Json, JsonObject, KubeObject } from '../../kinds/object.ts';
import { selectorText } from '../../kinds/selectors/labels.ts';
import { internalError, invalid } from '../errors.ts';
import { applyConfiguration } from '../managed-fields/apply.ts';
import {
  asJson,
  at,
  isObject,
  listAt,
  numberAt,
  objectAt,
  stringAt,
  withValue,
} from '../objects/json.ts';
import { groupVersion } from '../served-kinds.ts';
import type { Call, Core, ObjectName } from './context.ts';
import { updateObject } from './update.ts';

/** Where a kind keeps what Scale shows. */
interface ScalePaths {
  readonly spec: readonly string[];
  readonly status: readonly string[];
  /** Of a selector as text; undefined when the selector is spec.selector. */
  readonly selector: readonly string[] | undefined;
}

const BUILT_IN: ScalePaths = {
  spec: ['spec', 'replicas'],
  status: ['status', 'replicas'],
  selector: undefined,
};

/** The scale subresource of an object (autoscaling/v1 Scale). */
export function scaleOf(core: Core, kind: Kind, object: KubeObject): JsonObject {
  const paths = pathsOf(core, kind);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = paths.selector
    ? stringAt(object, ...paths.selector)
    : textOf(objectAt(object, 'spec', 'selector'));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      uid,
      resourceVersion,
      creationTimestamp,
    },
    spec: { replicas: numberAt(object, ...paths.spec) ?? 0 },
    status: {
      replicas: numberAt(object, ...paths.status) ?? 0,
      ...(selector !== undefined && selector !== '' && { selector }),
    },
  };
}

/**
 * The scale subresource of an object that somebody asks for.
 * @throws ApiError 500 when a custom resource does not say how many replicas it wants
 */
export function readScale(core: Core, kind: Kind, object: KubeObject): JsonObject {
  const { spec } = pathsOf(core, kind);
  if (kind.isCustom === true && numberAt(object, ...spec) === undefined)
    throw internalError(`the spec replicas field ".${spec.join('.')}" does not exist`);
  return scaleOf(core, kind, object);
}

/** autoscaling/v1 Scale, which is read and patched as other kinds are but never stored. */
export const SCALE: Kind = scaleKind();

function scaleKind(): Kind {
  const [kind] = kindsOf('autoscaling/v1', 'io.k8s.api.autoscaling.v1', [
    { kind: 'Scale', plural: 'scales', verbs: [] },
  ]);
  if (!kind) throw new TypeError('Cannot describe Scale');
  return kind;
}

/** A request to change an object by what Scale shows of it. */
export interface ScaleRequest {
  readonly kind: Kind;
  readonly target: ObjectName;
  /** The wanted Scale, from the current one. */
  readonly change: (scale: JsonObject) => JsonObject;
  readonly call: Call;
}

/**
 * Changes an object by its scale subresource.
 * @throws ApiError with the Status a real API server gives
 */
export function updateScale(
  core: Core,
  { kind, target, change, call }: ScaleRequest,
): Promise<KubeObject> {
  return updateObject(core, {
    kind,
    target,
    subresource: 'scale',
    change: (current) => withScale(core, kind, current, change(scaleOf(core, kind, current))),
    call,
  });
}

/** A request to apply a Scale; `configuration` is one that has been read. */
export interface ScaleApplication extends Omit<ScaleRequest, 'change'> {
  readonly configuration: JsonObject;
  readonly isForced: boolean;
}

/**
 * Applies a Scale: the manager owns the object's number of replicas.
 * @throws ApiError with the Status a real API server gives
 */
export function applyScale(
  core: Core,
  { kind, target, configuration, isForced, call }: ScaleApplication,
): Promise<KubeObject> {
  const paths = pathsOf(core, kind);
  const replicas = numberAt(configuration, 'spec', 'replicas');
  const named = {
    apiVersion: groupVersion(kind),
    kind: kind.kind,
    metadata: { name: target.name },
  };
  const applied = withValue(named, paths.spec, replicas);
  const options = {
    manager: call.fieldManager,
    isForced,
    subresource: 'scale',
    time: timestamp(core.clock),
  };
  let managedFields: Json | undefined;
  const change = (current: KubeObject) => {
    const merged = applyConfiguration(kind, asJson(current), applied, options);
    managedFields = merged.managedFields;
    const version = stringAt(configuration, 'metadata', 'resourceVersion');
    return withValue(merged.object, ['metadata', 'resourceVersion'], version);
  };
  const request = { kind, target, subresource: 'scale', change, call };
  return updateObject(core, { ...request, managedFields: () => managedFields });
}

/**
 * The object with the replicas that a Scale asks for.
 * @throws ApiError 422 for a negative number, 409 by way of the resourceVersion it carries over
 */
function withScale(core: Core, kind: Kind, object: KubeObject, scale: JsonObject): JsonObject {
  const replicas = numberAt(scale, 'spec', 'replicas') ?? 0;
  if (replicas < 0) {
    throw invalid({ group: 'autoscaling', kind: 'Scale' }, object.metadata.name, [
      {
        field: 'spec.replicas',
        type: 'Invalid',
        message: `Invalid value: ${replicas}: must be greater than or equal to 0`,
      },
    ]);
  }
  const changed = withValue(asJson(object), pathsOf(core, kind).spec, replicas);
  const version = stringAt(scale, 'metadata', 'resourceVersion');
  return withValue(changed, ['metadata', 'resourceVersion'], version);
}

function pathsOf(core: Core, kind: Kind): ScalePaths {
  const crd = core.kinds.crdOf(kind);
  if (!crd) return BUILT_IN;
  const version = listAt(crd, 'spec', 'versions').find(
    (entry) => at(entry, 'name') === kind.version,
  );
  const scale = objectAt(version, 'subresources', 'scale');
  return {
    spec: split(stringAt(scale, 'specReplicasPath')) ?? BUILT_IN.spec,
    status: split(stringAt(scale, 'statusReplicasPath')) ?? BUILT_IN.status,
    selector: split(stringAt(scale, 'labelSelectorPath')) ?? [],
  };
}

/** The fields of a simple JSON path: `.spec.replicas`. */
function split(path: string | undefined): readonly string[] | undefined {
  return path?.split('.').filter((part) => part !== '');
}

function textOf(selector: JsonObject): string {
  const isMap = !isObject(selector['matchLabels']) && selector['matchExpressions'] === undefined;
  // A ReplicationController's selector is a plain map.
  const full = isMap ? { matchLabels: selector } : selector;
  return Object.keys(selector).length === 0 ? '' : selectorText(full);
}
