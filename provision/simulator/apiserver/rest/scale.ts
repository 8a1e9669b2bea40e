import type { Kind } from '../../kinds/kind.ts';
import { selectorText } from '../../kinds/labels.ts';
import type { JsonObject, KubeObject } from '../../kinds/object.ts';
import { invalid } from '../errors.ts';
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
