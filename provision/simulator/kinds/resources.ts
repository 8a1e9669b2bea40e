/** The resources that the simulator's own parts read and write, with the types of their objects. */
import type { Resource } from '../client/client.ts';
import type { GenericObject, KubeObject } from './object.ts';
import type {
  ControllerRevision,
  DaemonSet,
  Deployment,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from './types/apps.ts';
import type { CronJob, Job } from './types/batch.ts';
import type {
  ConfigMap,
  Endpoints,
  Event,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  Secret,
  Service,
  ServiceAccount,
} from './types/core.ts';
import type { EndpointSlice } from './types/discovery.ts';
import type { FlowSchema } from './types/flow-control.ts';
import type { NetworkPolicy } from './types/network.ts';
import type {
  ClusterRole,
  HorizontalPodAutoscaler,
  PodDisruptionBudget,
  StorageClass,
} from './types/policy.ts';

function resource<T extends KubeObject = GenericObject>(
  groupVersion: string,
  plural: string,
  kind: string,
  isNamespaced = true,
): Resource<T> {
  const [version = '', group = ''] = groupVersion.split('/').toReversed();
  return { group, version, plural, kind, isNamespaced };
}

export const namespaces = resource<Namespace>('v1', 'namespaces', 'Namespace', false);
export const nodes = resource<Node>('v1', 'nodes', 'Node', false);
export const pods = resource<Pod>('v1', 'pods', 'Pod');
export const services = resource<Service>('v1', 'services', 'Service');
export const endpoints = resource<Endpoints>('v1', 'endpoints', 'Endpoints');
export const configMaps = resource<ConfigMap>('v1', 'configmaps', 'ConfigMap');
export const secrets = resource<Secret>('v1', 'secrets', 'Secret');
export const serviceAccounts = resource<ServiceAccount>('v1', 'serviceaccounts', 'ServiceAccount');
export const events = resource<Event>('v1', 'events', 'Event');
export const deployments = resource<Deployment>('apps/v1', 'deployments', 'Deployment');
export const replicaSets = resource<ReplicaSet>('apps/v1', 'replicasets', 'ReplicaSet');
export const replicationControllers = resource<ReplicationController>(
  'v1',
  'replicationcontrollers',
  'ReplicationController',
);
export const statefulSets = resource<StatefulSet>('apps/v1', 'statefulsets', 'StatefulSet');
export const daemonSets = resource<DaemonSet>('apps/v1', 'daemonsets', 'DaemonSet');
export const controllerRevisions = resource<ControllerRevision>(
  'apps/v1',
  'controllerrevisions',
  'ControllerRevision',
);
export const flowSchemas = resource<FlowSchema>(
  'flowcontrol.apiserver.k8s.io/v1',
  'flowschemas',
  'FlowSchema',
  false,
);
export const priorityLevels = resource(
  'flowcontrol.apiserver.k8s.io/v1',
  'prioritylevelconfigurations',
  'PriorityLevelConfiguration',
  false,
);
export const jobs = resource<Job>('batch/v1', 'jobs', 'Job');
export const cronJobs = resource<CronJob>('batch/v1', 'cronjobs', 'CronJob');
export const persistentVolumes = resource<PersistentVolume>(
  'v1',
  'persistentvolumes',
  'PersistentVolume',
  false,
);
export const persistentVolumeClaims = resource<PersistentVolumeClaim>(
  'v1',
  'persistentvolumeclaims',
  'PersistentVolumeClaim',
);
export const resourceQuotas = resource<ResourceQuota>('v1', 'resourcequotas', 'ResourceQuota');
export const storageClasses = resource<StorageClass>(
  'storage.k8s.io/v1',
  'storageclasses',
  'StorageClass',
  false,
);
export const podDisruptionBudgets = resource<PodDisruptionBudget>(
  'policy/v1',
  'poddisruptionbudgets',
  'PodDisruptionBudget',
);
export const horizontalPodAutoscalers = resource<HorizontalPodAutoscaler>(
  'autoscaling/v2',
  'horizontalpodautoscalers',
  'HorizontalPodAutoscaler',
);
export const clusterRoles = resource<ClusterRole>(
  'rbac.authorization.k8s.io/v1',
  'clusterroles',
  'ClusterRole',
  false,
);
export const endpointSlices = resource<EndpointSlice>(
  'discovery.k8s.io/v1',
  'endpointslices',
  'EndpointSlice',
);
export const customResourceDefinitions = resource(
  'apiextensions.k8s.io/v1',
  'customresourcedefinitions',
  'CustomResourceDefinition',
  false,
);
export const apiServices = resource(
  'apiregistration.k8s.io/v1',
  'apiservices',
  'APIService',
  false,
);
export const leases = resource('coordination.k8s.io/v1', 'leases', 'Lease');
export const networkPolicies = resource<NetworkPolicy>(
  'networking.k8s.io/v1',
  'networkpolicies',
  'NetworkPolicy',
);
