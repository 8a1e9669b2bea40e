/** The core group, but for storage (`core-storage.ts`). */
import { keyCount, nodeAddress, nodeRoles, nodeStatus, quotaText } from '../cells/cluster.ts';
import { eventColumns, referenceFields } from '../cells/events.ts';
import {
  podReadinessGates,
  podReady,
  podRestarts,
  podRowConditions,
  podStatus,
} from '../cells/pod.ts';
import { clusterIp, endpointsText, externalIp, servicePorts } from '../cells/service.ts';
import { countAt, labelsText, templateColumns } from '../cells/workloads.ts';
import { defaultLimitRange } from '../defaults/limit-range.ts';
import { defaultEndpoints, defaultService } from '../defaults/network.ts';
import { defaultPod, defaultPodSpec } from '../defaults/pod.ts';
import { defaultReplicationController } from '../defaults/workloads.ts';
import type { KindDefinition } from '../define.ts';
import { kindsOf } from '../define.ts';
import { at, changeField, listAt, numberAt, objectAt, stringAt, withDefaults } from '../json.ts';
import type { Json, KubeObject } from '../object.ts';
import {
  ageColumn,
  column,
  integerColumn,
  nameColumn,
  textAt,
  textOr,
  wideColumn,
} from '../tables/columns.ts';
import { validateConfigMap, validateSecret } from '../validation/configuration.ts';
import { validateEndpoints, validateService } from '../validation/network.ts';
import { validatePod, validateTemplate } from '../validation/pods/pod.ts';
import { validateLimitRange, validateQuota } from '../validation/quotas.ts';
import { validateReplicationController } from '../validation/workloads.ts';
import { coreStorage } from './core-storage.ts';

const pods: KindDefinition = {
  kind: 'Pod',
  plural: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  hasStatus: true,
  columns: [
    nameColumn,
    column('Ready', 'Containers that are ready, of all', podReady),
    column('Status', 'What the pod is doing', podStatus),
    column('Restarts', 'How often its containers were restarted, and when last', podRestarts),
    ageColumn,
    wideColumn('IP', 'Address of the pod', podIp),
    wideColumn('Node', 'Node the pod runs on', textOr('<none>', 'spec', 'nodeName')),
    wideColumn(
      'Nominated Node',
      'Node kept free for the pod by preemption',
      textOr('<none>', 'status', 'nominatedNodeName'),
    ),
    wideColumn('Readiness Gates', 'Readiness gates that are met, of all', podReadinessGates),
  ],
  rowConditions: podRowConditions,
  selectableFields: {
    'spec.nodeName': (pod) => stringAt(pod, 'spec', 'nodeName'),
    'spec.restartPolicy': (pod) => stringAt(pod, 'spec', 'restartPolicy'),
    'spec.schedulerName': (pod) => stringAt(pod, 'spec', 'schedulerName'),
    'spec.serviceAccountName': (pod) => stringAt(pod, 'spec', 'serviceAccountName'),
    'spec.hostNetwork': (pod) => String(at(pod, 'spec', 'hostNetwork') === true),
    'status.phase': (pod) => stringAt(pod, 'status', 'phase'),
    'status.podIP': (pod) => stringAt(pod, 'status', 'podIP'),
    'status.podIPs': (pod) => stringAt(listAt(pod, 'status', 'podIPs')[0], 'ip'),
    'status.nominatedNodeName': (pod) => stringAt(pod, 'status', 'nominatedNodeName'),
  },
  applyDefaults: defaultPod,
  validate: validatePod,
};

const services: KindDefinition = {
  kind: 'Service',
  plural: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  hasStatus: true,
  nameRule: 'dns1035',
  columns: [
    nameColumn,
    column('Type', 'How the service is reached', textAt('spec', 'type')),
    column('Cluster-IP', 'Address inside the cluster', clusterIp),
    column('External-IP', 'Addresses outside the cluster', externalIp),
    column('Port(s)', 'Ports of the service, with node ports', servicePorts),
    ageColumn,
    wideColumn('Selector', 'Labels of the pods behind it', (service) =>
      labelsText(objectAt(service, 'spec', 'selector')),
    ),
  ],
  selectableFields: {
    'spec.clusterIP': (service) => stringAt(service, 'spec', 'clusterIP'),
    'spec.type': (service) => stringAt(service, 'spec', 'type'),
  },
  applyDefaults: defaultService,
  validate: validateService,
};

const nodes: KindDefinition = {
  kind: 'Node',
  plural: 'nodes',
  shortNames: ['no'],
  isNamespaced: false,
  hasStatus: true,
  columns: [
    nameColumn,
    column('Status', 'Whether the node takes pods', nodeStatus),
    column('Roles', 'What the node is for', nodeRoles),
    ageColumn,
    column('Version', 'Version of its kubelet', textAt('status', 'nodeInfo', 'kubeletVersion')),
    wideColumn('Internal-IP', 'Address in the cluster', (node) => nodeAddress(node, 'InternalIP')),
    wideColumn('External-IP', 'Address outside', (node) => nodeAddress(node, 'ExternalIP')),
    wideColumn(
      'OS-Image',
      'Operating system',
      textOr('<unknown>', 'status', 'nodeInfo', 'osImage'),
    ),
    wideColumn(
      'Kernel-Version',
      'Version of the kernel',
      textOr('<unknown>', 'status', 'nodeInfo', 'kernelVersion'),
    ),
    wideColumn(
      'Container-Runtime',
      'What runs the containers',
      textOr('<unknown>', 'status', 'nodeInfo', 'containerRuntimeVersion'),
    ),
  ],
  selectableFields: {
    'spec.unschedulable': (node) => String(at(node, 'spec', 'unschedulable') === true),
  },
  applyDefaults: (node) =>
    changeField(withDefaults(node, { spec: {}, status: {} }), 'status', (status) =>
      withDefaults(status, status['capacity'] ? { allocatable: status['capacity'] } : {}),
    ),
};

const namespaces: KindDefinition = {
  kind: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  isNamespaced: false,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  hasStatus: true,
  nameRule: 'label',
  columns: [
    nameColumn,
    column('Status', 'Active, or Terminating', textAt('status', 'phase')),
    ageColumn,
  ],
  selectableFields: { 'status.phase': (namespace) => stringAt(namespace, 'status', 'phase') },
};

const events: KindDefinition = {
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  columns: eventColumns,
  selectableFields: {
    ...referenceFields('involvedObject'),
    reason: (event) => stringAt(event, 'reason'),
    reportingComponent: (event) => stringAt(event, 'reportingComponent'),
    source: (event) =>
      stringAt(event, 'source', 'component') || stringAt(event, 'reportingComponent'),
    type: (event) => stringAt(event, 'type'),
  },
  applyDefaults: (event) =>
    withDefaults(event, { reportingComponent: '', reportingInstance: '', source: {} }),
};

const configuration: readonly KindDefinition[] = [
  {
    kind: 'ConfigMap',
    plural: 'configmaps',
    shortNames: ['cm'],
    columns: [
      nameColumn,
      column('Data', 'Number of entries', (object) =>
        keyCount(at(object, 'data'), at(object, 'binaryData')),
      ),
      ageColumn,
    ],
    validate: validateConfigMap,
  },
  {
    kind: 'Secret',
    plural: 'secrets',
    columns: [
      nameColumn,
      column('Type', 'What the secret is for', textAt('type')),
      column('Data', 'Number of entries', (object) => keyCount(at(object, 'data'))),
      ageColumn,
    ],
    selectableFields: { type: (secret) => stringAt(secret, 'type') },
    applyDefaults: (secret) =>
      stringAt(secret, 'type') === '' ? { ...secret, type: 'Opaque' } : secret,
    validate: validateSecret,
  },
  {
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    shortNames: ['sa'],
    columns: [
      nameColumn,
      column('Secrets', 'Number of secrets', (account) => listAt(account, 'secrets').length),
      ageColumn,
    ],
  },
  {
    kind: 'ResourceQuota',
    plural: 'resourcequotas',
    shortNames: ['quota'],
    hasStatus: true,
    columns: [
      nameColumn,
      column('Request', 'What is requested, of what may be', (quota) => quotaText(quota, false)),
      column('Limit', 'What limits add up to, of what they may', (quota) => quotaText(quota, true)),
      ageColumn,
    ],
    applyDefaults: (quota) => withDefaults(quota, { status: {} }),
    validate: validateQuota,
  },
  {
    kind: 'LimitRange',
    plural: 'limitranges',
    shortNames: ['limits'],
    applyDefaults: defaultLimitRange,
    validate: validateLimitRange,
  },
];

const controllers: readonly KindDefinition[] = [
  {
    kind: 'ReplicationController',
    plural: 'replicationcontrollers',
    shortNames: ['rc'],
    categories: ['all'],
    hasStatus: true,
    hasScale: true,
    columns: [
      nameColumn,
      integerColumn('Desired', 'Pods wanted', countAt('spec', 'replicas')),
      integerColumn('Current', 'Pods there are', countAt('status', 'replicas')),
      integerColumn('Ready', 'Pods that are ready', countAt('status', 'readyReplicas')),
      ageColumn,
      ...templateColumns('spec', 'template'),
      wideColumn('Selector', 'Labels of its pods', (controller) =>
        labelsText(objectAt(controller, 'spec', 'selector')),
      ),
    ],
    selectableFields: {
      'status.replicas': (controller) => String(numberAt(controller, 'status', 'replicas') ?? 0),
    },
    applyDefaults: defaultReplicationController,
    validate: validateReplicationController,
  },
  {
    kind: 'PodTemplate',
    plural: 'podtemplates',
    columns: [
      nameColumn,
      ...templateColumns('template').map((one) => ({ ...one, priority: 0 as const })),
      column('Pod Labels', 'Labels the pods get', (template) =>
        labelsText(objectAt(template, 'template', 'metadata', 'labels')),
      ),
    ],
    applyDefaults: (object) =>
      changeField(object, 'template', (template) => changeField(template, 'spec', defaultPodSpec)),
    validate: (object) => validateTemplate(at(object, 'template'), 'template'),
  },
];

const others: readonly KindDefinition[] = [
  {
    kind: 'Endpoints',
    plural: 'endpoints',
    shortNames: ['ep'],
    columns: [
      nameColumn,
      column('Endpoints', 'Addresses that are ready', endpointsText),
      ageColumn,
    ],
    applyDefaults: defaultEndpoints,
    validate: validateEndpoints,
  },
  { kind: 'Binding', plural: 'bindings', verbs: ['create'] },
  {
    kind: 'ComponentStatus',
    plural: 'componentstatuses',
    shortNames: ['cs'],
    isNamespaced: false,
    verbs: ['get', 'list'],
    columns: [
      nameColumn,
      column('Status', 'Whether the component is healthy', componentHealth),
      column('Message', 'What it says of its health', (component) =>
        stringAt(healthOf(component), 'message'),
      ),
      column('Error', 'What is wrong with it', (component) =>
        stringAt(healthOf(component), 'error'),
      ),
    ],
  },
];

export const core = kindsOf('v1', 'io.k8s.api.core.v1', [
  ...others,
  ...configuration,
  events,
  namespaces,
  nodes,
  pods,
  services,
  ...controllers,
  ...coreStorage,
]);

function healthOf(component: KubeObject): Json | undefined {
  return listAt(component, 'conditions').find((one) => stringAt(one, 'type') === 'Healthy');
}

function componentHealth(component: KubeObject): string {
  const health = healthOf(component);
  if (health === undefined) return 'Unknown';
  return stringAt(health, 'status') === 'True' ? 'Healthy' : 'Unhealthy';
}

function podIp(pod: KubeObject): string {
  const [first] = listAt(pod, 'status', 'podIPs');
  return stringAt(first, 'ip') || stringAt(pod, 'status', 'podIP') || '<none>';
}
