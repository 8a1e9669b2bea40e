import type { ClusterClient, Resource } from '../../client/client.ts';
import { at, isObject, listAt, numberAt, objectAt, stringAt } from '../../kinds/json.ts';
import type { GenericObject, JsonObject } from '../../kinds/object.ts';
import { customResourceDefinitions } from '../../kinds/resources.ts';
import {
  matchesLabels,
  matchesSelector,
  parseLabelSelector,
} from '../../kinds/selectors/labels.ts';
import type { Pod } from '../../kinds/types/core.ts';
import type { HorizontalPodAutoscaler } from '../../kinds/types/policy.ts';
import { namespaceOf } from '../controller.ts';

/** What can be scaled, as far as the simulator's autoscaler knows. */
export const SCALABLE: readonly Resource<GenericObject>[] = [
  kindOf('apps', 'deployments', 'Deployment'),
  kindOf('apps', 'replicasets', 'ReplicaSet'),
  kindOf('apps', 'statefulsets', 'StatefulSet'),
  kindOf('', 'replicationcontrollers', 'ReplicationController'),
];

function kindOf(group: string, plural: string, kind: string): Resource<GenericObject> {
  return { group, version: 'v1', plural, kind, isNamespaced: true };
}

/** An object and what its Scale says. */
export type ScaleTarget =
  | {
      readonly type: 'found';
      readonly resource: Resource<GenericObject>;
      readonly object: GenericObject;
      /** The replicas that it asks for. */
      readonly replicas: number;
      /** The replicas that it says there are. */
      readonly reported: number;
      /** Whether a pod of its namespace is one of its; undefined when its Scale names no selector. */
      readonly selects: ((pod: Pod) => boolean) | undefined;
    }
  | { readonly type: 'missing'; readonly why: string };

export function scaleTarget(client: ClusterClient, scaler: HorizontalPodAutoscaler): ScaleTarget {
  const { kind, name, apiVersion = '' } = scaler.spec.scaleTargetRef;
  const [version = '', group = ''] = apiVersion.split('/').toReversed();
  const isWanted = ({ resource: one }: Scalable) =>
    one.kind === kind && one.group === group && one.version === version;
  const known = BUILT_IN.find(isWanted) ?? customScales(client).find(isWanted);
  if (!known) return missing(`no matches for kind "${kind}" in group "${group}"`);
  const { resource: served, scale } = known;
  const object = client.get(served, name, namespaceOf(scaler));
  if (!object || !scale) {
    const place = group === '' ? served.plural : `${served.plural}.${group}`;
    return missing(`${place} "${name}" not found`);
  }
  return scale === 'built in' ? builtinTarget(served, object) : customTarget(served, object, scale);
}

function builtinTarget(known: Resource<GenericObject>, object: GenericObject): ScaleTarget {
  const replicas = numberAt(object, 'spec', 'replicas') ?? 1;
  const reported = numberAt(object, 'status', 'replicas') ?? replicas;
  const selects = (pod: Pod) => isSelected(object, pod);
  return { type: 'found', resource: known, object, replicas, reported, selects };
}

function missing(why: string): ScaleTarget {
  return { type: 'missing', why };
}

interface Scalable {
  readonly resource: Resource<GenericObject>;
  /** Of a custom resource its definition's scale subresource; undefined when it has none. */
  readonly scale: JsonObject | 'built in' | undefined;
}

const BUILT_IN = SCALABLE.map((one) => ({ resource: one, scale: 'built in' }) satisfies Scalable);

/** What custom resources are served, and how each is scaled (Kubernetes documentation, "Scale subresource"). */
function customScales(client: ClusterClient): readonly Scalable[] {
  return client.list(customResourceDefinitions).flatMap((definition) => {
    const spec = objectAt(definition, 'spec');
    const served = listAt(spec, 'versions').filter((version) => at(version, 'served') === true);
    return served.map((version) => {
      const scale = at(version, 'subresources', 'scale');
      return {
        resource: {
          group: stringAt(spec, 'group'),
          version: stringAt(version, 'name'),
          plural: stringAt(spec, 'names', 'plural'),
          kind: stringAt(spec, 'names', 'kind'),
          isNamespaced: stringAt(spec, 'scope') === 'Namespaced',
        },
        scale: isObject(scale) ? scale : undefined,
      };
    });
  });
}

function customTarget(
  known: Resource<GenericObject>,
  object: GenericObject,
  scale: JsonObject,
): ScaleTarget {
  const specPath = stringAt(scale, 'specReplicasPath');
  const replicas = numberAt(object, ...fields(specPath));
  if (replicas === undefined)
    return missing(`Internal error occurred: the spec replicas field "${specPath}" does not exist`);
  const reported = numberAt(object, ...fields(stringAt(scale, 'statusReplicasPath'))) ?? 0;
  const selector = stringAt(object, ...fields(stringAt(scale, 'labelSelectorPath')));
  const matches = selector === '' ? undefined : parseLabelSelector(selector);
  const selects = matches && ((pod: Pod) => matches(pod.metadata.labels));
  return { type: 'found', resource: known, object, replicas, reported, selects };
}

/** The fields of a simple JSON path: `.spec.replicas`. */
function fields(path: string): readonly string[] {
  return path.split('.').filter((part) => part !== '');
}

function isSelected(object: GenericObject, { metadata }: Pod): boolean {
  const selector = at(object, 'spec', 'selector');
  if (!isObject(selector)) return false;
  if (object.kind === 'ReplicationController')
    return matchesLabels(stringMap(selector), metadata.labels);
  return matchesSelector(selector, metadata.labels);
}

function stringMap(value: object): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]));
}
