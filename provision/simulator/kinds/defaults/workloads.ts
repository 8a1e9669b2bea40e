/** Defaults of apps, batch and autoscaling (Kubernetes, pkg/apis/{apps,batch,autoscaling}/…/defaults.go). */
import {
  changeField,
  changeItems,
  isUnset,
  listAt,
  objectAt,
  stringAt,
  withDefaults,
} from '../json.ts';
import type { JsonObject } from '../object.ts';
import { defaultTemplate } from './pod.ts';
import { defaultClaim } from './storage.ts';

export function defaultDeployment(deployment: JsonObject): JsonObject {
  return withStatus(
    changeField(deployment, 'spec', (spec) => {
      const complete = withDefaults(defaultTemplate(spec), {
        progressDeadlineSeconds: 600,
        replicas: 1,
        revisionHistoryLimit: 10,
        strategy: {},
      });
      return changeField(complete, 'strategy', (strategy) =>
        rolling(strategy, { maxSurge: '25%', maxUnavailable: '25%' }),
      );
    }),
  );
}

export function defaultReplicaSet(replicaSet: JsonObject): JsonObject {
  return withStatus(
    changeField(replicaSet, 'spec', (spec) => withDefaults(defaultTemplate(spec), { replicas: 1 })),
    { replicas: 0 },
  );
}

/** A ReplicationController takes selector and labels from its template. */
export function defaultReplicationController(controller: JsonObject): JsonObject {
  const labels = objectAt(controller, 'spec', 'template', 'metadata', 'labels');
  const hasLabels = Object.keys(labels).length > 0;
  const complete = changeField(controller, 'spec', (spec) =>
    withDefaults(defaultTemplate(spec), { replicas: 1, ...(hasLabels && { selector: labels }) }),
  );
  const labelled = changeField(complete, 'metadata', (metadata) =>
    withDefaults(metadata, hasLabels ? { labels } : {}),
  );
  return withStatus(labelled, { replicas: 0 });
}

export function defaultStatefulSet(statefulSet: JsonObject): JsonObject {
  return withStatus(
    changeField(statefulSet, 'spec', (spec) => {
      const complete = withDefaults(defaultTemplate(spec), {
        persistentVolumeClaimRetentionPolicy: {},
        podManagementPolicy: 'OrderedReady',
        replicas: 1,
        revisionHistoryLimit: 10,
        serviceName: '',
        updateStrategy: {},
      });
      const retaining = changeField(complete, 'persistentVolumeClaimRetentionPolicy', (policy) =>
        withDefaults(policy, { whenDeleted: 'Retain', whenScaled: 'Retain' }),
      );
      const updating = changeField(retaining, 'updateStrategy', (strategy) =>
        rolling(strategy, { partition: 0 }),
      );
      return changeItems(updating, 'volumeClaimTemplates', (claim) =>
        defaultClaim(withDefaults(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim' })),
      );
    }),
    { availableReplicas: 0, replicas: 0 },
  );
}

export function defaultDaemonSet(daemonSet: JsonObject): JsonObject {
  return withStatus(
    changeField(daemonSet, 'spec', (spec) => {
      const complete = withDefaults(defaultTemplate(spec), {
        revisionHistoryLimit: 10,
        updateStrategy: {},
      });
      return changeField(complete, 'updateStrategy', (strategy) =>
        rolling(strategy, { maxSurge: 0, maxUnavailable: 1 }),
      );
    }),
    {
      currentNumberScheduled: 0,
      desiredNumberScheduled: 0,
      numberMisscheduled: 0,
      numberReady: 0,
    },
  );
}

export function defaultJob(job: JsonObject): JsonObject {
  const labels = objectAt(job, 'spec', 'template', 'metadata', 'labels');
  const labelled = changeField(job, 'metadata', (metadata) =>
    Object.keys(labels).length > 0 && Object.keys(objectAt(metadata, 'labels')).length === 0
      ? { ...metadata, labels }
      : metadata,
  );
  return withStatus(changeField(labelled, 'spec', defaultJobSpec));
}

function defaultJobSpec(spec: JsonObject): JsonObject {
  const isWorkQueue = isUnset(spec['completions']) && !isUnset(spec['parallelism']);
  return withDefaults(defaultTemplate(spec), {
    backoffLimit: isUnset(spec['backoffLimitPerIndex']) ? 6 : MAX_INT32,
    completionMode: 'NonIndexed',
    ...(!isWorkQueue && { completions: 1 }),
    manualSelector: false,
    parallelism: 1,
    podReplacementPolicy: isUnset(spec['podFailurePolicy']) ? 'TerminatingOrFailed' : 'Failed',
    suspend: false,
  });
}

const MAX_INT32 = 2_147_483_647;

export function defaultCronJob(cronJob: JsonObject): JsonObject {
  return withStatus(
    changeField(cronJob, 'spec', (spec) => {
      const complete = withDefaults(spec, {
        concurrencyPolicy: 'Allow',
        failedJobsHistoryLimit: 1,
        successfulJobsHistoryLimit: 3,
        suspend: false,
      });
      return changeField(complete, 'jobTemplate', (template) =>
        changeField(withDefaults(template, { metadata: {} }), 'spec', defaultTemplate),
      );
    }),
  );
}

export function defaultAutoscalerV1(autoscaler: JsonObject): JsonObject {
  const complete = withStatus(autoscaler, { currentReplicas: 0, desiredReplicas: 0 });
  return changeField(complete, 'spec', (spec) => withDefaults(spec, { minReplicas: 1 }));
}

export function defaultAutoscalerV2(autoscaler: JsonObject): JsonObject {
  return changeField(autoscaler, 'spec', (spec) => {
    const complete = withDefaults(spec, { minReplicas: 1 });
    const measured =
      listAt(complete, 'metrics').length > 0 ? complete : { ...complete, metrics: CPU_80 };
    return changeField(measured, 'behavior', (behavior) =>
      scalingRules(scalingRules(behavior, 'scaleUp', SCALE_UP), 'scaleDown', SCALE_DOWN),
    );
  });
}

/** A behavior that says something about one direction gets the rules of both. */
function scalingRules(behavior: JsonObject, direction: string, rules: JsonObject): JsonObject {
  return changeField(withDefaults(behavior, { [direction]: {} }), direction, (own) =>
    withDefaults(own, rules),
  );
}

const CPU_80 = [
  {
    resource: { name: 'cpu', target: { averageUtilization: 80, type: 'Utilization' } },
    type: 'Resource',
  },
];
const SCALE_UP = {
  policies: [
    { periodSeconds: 15, type: 'Pods', value: 4 },
    { periodSeconds: 15, type: 'Percent', value: 100 },
  ],
  selectPolicy: 'Max',
  stabilizationWindowSeconds: 0,
};
const SCALE_DOWN = {
  policies: [{ periodSeconds: 15, type: 'Percent', value: 100 }],
  selectPolicy: 'Max',
};

/** An update strategy is RollingUpdate unless it says otherwise, and then has numbers. */
function rolling(strategy: JsonObject, numbers: JsonObject): JsonObject {
  const type = stringAt(strategy, 'type') || 'RollingUpdate';
  const typed = strategy['type'] === type ? strategy : { ...strategy, type };
  if (type !== 'RollingUpdate') return typed;
  return changeField(withDefaults(typed, { rollingUpdate: {} }), 'rollingUpdate', (update) =>
    withDefaults(update, numbers),
  );
}

/** Go writes a status that nobody has set yet as an empty object, with the numbers that it always writes. */
function withStatus(object: JsonObject, numbers: JsonObject = {}): JsonObject {
  return changeField(withDefaults(object, { status: {} }), 'status', (status) =>
    withDefaults(status, numbers),
  );
}
