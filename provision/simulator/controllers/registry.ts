import type { Controller } from './controller.ts';
import { cronJobController } from './cron-job/cron-job.ts';
import { daemonSetController } from './daemon-set/daemon-set.ts';
import { deploymentController } from './deployment/deployment.ts';
import { endpointSliceController } from './endpoints/endpoint-slices.ts';
import { endpointsController } from './endpoints/endpoints.ts';
import { endpointSliceMirroringController } from './endpoints/mirrored-slices.ts';
import { garbageCollector } from './garbage-collector/garbage-collector.ts';
import { horizontalPodAutoscalerController } from './horizontal-pod-autoscaler/horizontal-pod-autoscaler.ts';
import { jobController } from './job/job.ts';
import { ttlAfterFinishedController } from './job/ttl-after-finished.ts';
import { loadBalancerController } from './load-balancer.ts';
import { namespaceController } from './namespace/namespace.ts';
import {
  rootCertificateController,
  serviceAccountController,
} from './namespace/starting-contents.ts';
import { nodeLifecycleController } from './node-lifecycle/node-lifecycle.ts';
import { podGarbageCollector } from './node-lifecycle/pod-gc.ts';
import { taintEvictionController } from './node-lifecycle/taint-eviction.ts';
import { clusterRoleAggregationController } from './policy/cluster-role-aggregation.ts';
import { disruptionBudgetController } from './policy/disruption-budget.ts';
import { eventLimitController } from './policy/event-limit.ts';
import { flowSchemaStatusController } from './policy/flow-schema-status.ts';
import { resourceQuotaController } from './policy/resource-quota.ts';
import { replicaSetController, replicationController } from './replica-set/replica-set.ts';
import { statefulSetController } from './stateful-set/stateful-set.ts';
import { ephemeralVolumeController } from './volumes/ephemeral-volumes.ts';
import { claimProtectionController, volumeProtectionController } from './volumes/protection.ts';
import { volumeBinder } from './volumes/volume-binder.ts';

/** Every control loop of a cluster; a new one is one line here. */
export const CONTROLLERS: readonly Controller[] = [
  serviceAccountController,
  rootCertificateController,
  namespaceController,
  deploymentController,
  replicaSetController,
  replicationController,
  statefulSetController,
  daemonSetController,
  jobController,
  cronJobController,
  ttlAfterFinishedController,
  endpointsController,
  endpointSliceController,
  endpointSliceMirroringController,
  loadBalancerController,
  garbageCollector,
  clusterRoleAggregationController,
  disruptionBudgetController,
  horizontalPodAutoscalerController,
  resourceQuotaController,
  nodeLifecycleController,
  taintEvictionController,
  podGarbageCollector,
  volumeBinder,
  claimProtectionController,
  volumeProtectionController,
  ephemeralVolumeController,
  eventLimitController,
  flowSchemaStatusController,
];
