import type { Controller } from './controller.ts';
import { daemonSetController } from './daemon-set.ts';
import { deploymentController } from './deployment.ts';
import { endpointsController } from './endpoints.ts';
import { garbageCollector } from './garbage-collector.ts';
import { jobController } from './job.ts';
import { loadBalancerController } from './load-balancer.ts';
import { namespaceContentsController } from './namespace-contents.ts';
import { namespaceController } from './namespace.ts';
import { replicaSetController } from './replica-set.ts';

/** Every control loop of a cluster; a new one is one line here. */
export const CONTROLLERS: readonly Controller[] = [
  namespaceContentsController,
  namespaceController,
  deploymentController,
  replicaSetController,
  daemonSetController,
  jobController,
  endpointsController,
  loadBalancerController,
  garbageCollector,
];
