/** apps/v1. */
import { countAt, labelsText, selectorColumn, templateColumns } from '../cells/workloads.ts';
import {
  defaultDaemonSet,
  defaultDeployment,
  defaultReplicaSet,
  defaultStatefulSet,
} from '../defaults/workloads.ts';
import type { KindDefinition } from '../define.ts';
import { kindsOf } from '../define.ts';
import { numberAt, objectAt, stringAt } from '../json.ts';
import type { KubeObject } from '../object.ts';
import { ageColumn, column, integerColumn, nameColumn } from '../tables/columns.ts';
import {
  validateDaemonSet,
  validateDeployment,
  validateReplicaSet,
  validateStatefulSet,
} from '../validation/workloads.ts';

const workload = { categories: ['all'], hasStatus: true } as const;
const wideColumns = [...templateColumns('spec', 'template'), selectorColumn('spec', 'selector')];

const deployments: KindDefinition = {
  ...workload,
  kind: 'Deployment',
  plural: 'deployments',
  shortNames: ['deploy'],
  hasScale: true,
  columns: [
    nameColumn,
    column('Ready', 'Pods that are ready, of those wanted', readyOfWanted),
    column(
      'Up-to-date',
      'Pods made from the latest template',
      countAt('status', 'updatedReplicas'),
    ),
    column('Available', 'Pods ready for long enough', countAt('status', 'availableReplicas')),
    ageColumn,
    ...wideColumns,
  ],
  applyDefaults: defaultDeployment,
  validate: validateDeployment,
};

const replicaSets: KindDefinition = {
  ...workload,
  kind: 'ReplicaSet',
  plural: 'replicasets',
  shortNames: ['rs'],
  hasScale: true,
  columns: [
    nameColumn,
    integerColumn('Desired', 'Pods wanted', countAt('spec', 'replicas')),
    integerColumn('Current', 'Pods there are', countAt('status', 'replicas')),
    integerColumn('Ready', 'Pods that are ready', countAt('status', 'readyReplicas')),
    ageColumn,
    ...wideColumns,
  ],
  selectableFields: {
    'status.replicas': (replicaSet) => String(numberAt(replicaSet, 'status', 'replicas') ?? 0),
  },
  applyDefaults: defaultReplicaSet,
  validate: validateReplicaSet,
};

const statefulSets: KindDefinition = {
  ...workload,
  kind: 'StatefulSet',
  plural: 'statefulsets',
  shortNames: ['sts'],
  hasScale: true,
  columns: [
    nameColumn,
    column('Ready', 'Pods that are ready, of those wanted', readyOfWanted),
    ageColumn,
    ...templateColumns('spec', 'template'),
  ],
  applyDefaults: defaultStatefulSet,
  validate: validateStatefulSet,
};

const daemonSets: KindDefinition = {
  ...workload,
  kind: 'DaemonSet',
  plural: 'daemonsets',
  shortNames: ['ds'],
  columns: [
    nameColumn,
    integerColumn(
      'Desired',
      'Nodes that should run a pod',
      countAt('status', 'desiredNumberScheduled'),
    ),
    integerColumn('Current', 'Nodes that run one', countAt('status', 'currentNumberScheduled')),
    integerColumn('Ready', 'Nodes whose pod is ready', countAt('status', 'numberReady')),
    integerColumn(
      'Up-to-date',
      'Nodes with a pod of the latest template',
      countAt('status', 'updatedNumberScheduled'),
    ),
    integerColumn(
      'Available',
      'Nodes whose pod is ready for long enough',
      countAt('status', 'numberAvailable'),
    ),
    column('Node Selector', 'Labels of the nodes that get a pod', (daemonSet) =>
      labelsText(objectAt(daemonSet, 'spec', 'template', 'spec', 'nodeSelector')),
    ),
    ageColumn,
    ...wideColumns,
  ],
  applyDefaults: defaultDaemonSet,
  validate: validateDaemonSet,
};

const controllerRevisions: KindDefinition = {
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  columns: [
    nameColumn,
    column('Controller', 'What the revision belongs to', controllerOf),
    column('Revision', 'Number of the revision', countAt('revision')),
    ageColumn,
  ],
};

export const apps = kindsOf('apps/v1', 'io.k8s.api.apps.v1', [
  controllerRevisions,
  daemonSets,
  deployments,
  replicaSets,
  statefulSets,
]);

function readyOfWanted(object: KubeObject): string {
  const ready = numberAt(object, 'status', 'readyReplicas') ?? 0;
  return `${ready}/${numberAt(object, 'spec', 'replicas') ?? 0}`;
}

function controllerOf({ metadata }: KubeObject): string {
  const owner = metadata.ownerReferences?.find((reference) => reference.controller === true);
  if (!owner) return '<none>';
  const group = stringAt(owner, 'apiVersion').split('/').toReversed()[1];
  const kind = owner.kind.toLowerCase();
  return group === undefined ? `${kind}/${owner.name}` : `${kind}.${group}/${owner.name}`;
}
