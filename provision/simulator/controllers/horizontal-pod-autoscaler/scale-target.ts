import type { ClusterClient, Resource } from '../../client/client.ts';
import { at, isObject, numberAt, objectAt } from '../../kinds/json.ts';
import { matchesLabels, matchesSelector } from '../../kinds/labels.ts';
import type { GenericObject } from '../../kinds/object.ts';
import { pods } from '../../kinds/resources.ts';
import type { Pod } from '../../kinds/types/core.ts';
import type { HorizontalPodAutoscaler } from '../../kinds/types/policy.ts';
import { namespaceOf } from '../controller.ts';

/** What can be scaled, as far as the simulator's autoscaler knows. */
export const SCALABLE: readonly Resource<GenericObject>[] = [
  resource('apps', 'deployments', 'Deployment'),
  resource('apps', 'replicasets', 'ReplicaSet'),
  resource('apps', 'statefulsets', 'StatefulSet'),
  resource('', 'replicationcontrollers', 'ReplicationController'),
];

function resource(group: string, plural: string, kind: string): Resource<GenericObject> {
  return { group, version: 'v1', plural, kind, isNamespaced: true };
}

/** An object and how many replicas it asks for. */
export type ScaleTarget =
  | {
      readonly type: 'found';
      readonly resource: Resource<GenericObject>;
      readonly object: GenericObject;
      readonly replicas: number;
    }
  | { readonly type: 'missing'; readonly why: string };

export function scaleTarget(client: ClusterClient, scaler: HorizontalPodAutoscaler): ScaleTarget {
  const { kind, name, apiVersion = '' } = scaler.spec.scaleTargetRef;
  const [version = '', group = ''] = apiVersion.split('/').toReversed();
  const known = SCALABLE.find(
    (one) => one.kind === kind && one.group === group && one.version === version,
  );
  if (!known) return { type: 'missing', why: `no matches for kind "${kind}" in group "${group}"` };
  const object = client.get(known, name, namespaceOf(scaler));
  if (!object) {
    const place = group === '' ? known.plural : `${known.plural}.${group}`;
    return { type: 'missing', why: `${place} "${name}" not found` };
  }
  const replicas = numberAt(object, 'spec', 'replicas') ?? 1;
  return { type: 'found', resource: known, object, replicas };
}

/** The pods that the target selects. */
export function podsOf(client: ClusterClient, object: GenericObject): readonly Pod[] {
  const selector = at(object, 'spec', 'selector');
  const isPlain = object.kind === 'ReplicationController';
  return client.list(pods, { namespace: namespaceOf(object) }).filter(({ metadata }) => {
    if (!isObject(selector)) return false;
    if (isPlain) return matchesLabels(stringMap(selector), metadata.labels);
    return matchesSelector(objectAt(object, 'spec', 'selector'), metadata.labels);
  });
}

function stringMap(value: object): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]));
}
