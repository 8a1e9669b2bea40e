/** batch/v1, autoscaling/v1, autoscaling/v2 and policy/v1. */
import {
  autoscalerTargets,
  countAt,
  jobCompletions,
  jobDuration,
  jobStatus,
  lastSchedule,
  scaleTarget,
  selectorColumn,
  templateColumns,
} from '../cells/workloads.ts';
import {
  defaultAutoscalerV1,
  defaultAutoscalerV2,
  defaultCronJob,
  defaultJob,
} from '../defaults/workloads.ts';
import type { KindDefinition } from '../define.ts';
import { kindsOf } from '../define.ts';
import { asText, at, isUnset, listAt, numberAt } from '../json.ts';
import type { Column } from '../kind.ts';
import { ageColumn, column, integerColumn, nameColumn, textAt, textOr } from '../tables/columns.ts';
import { validateCronJob, validateJob } from '../validation/jobs.ts';
import { validateAutoscaler, validateDisruptionBudget } from '../validation/scaling.ts';

const jobs: KindDefinition = {
  kind: 'Job',
  plural: 'jobs',
  categories: ['all'],
  hasStatus: true,
  columns: [
    nameColumn,
    column('Status', 'Whether the work is done', jobStatus),
    column('Completions', 'Pods that succeeded, of those that must', jobCompletions),
    column('Duration', 'How long it took, or takes so far', jobDuration),
    ageColumn,
    ...templateColumns('spec', 'template'),
    selectorColumn('spec', 'selector'),
  ],
  selectableFields: {
    'status.successful': (job) => String(numberAt(job, 'status', 'succeeded') ?? 0),
  },
  applyDefaults: defaultJob,
  validate: validateJob,
};

const cronJobs: KindDefinition = {
  kind: 'CronJob',
  plural: 'cronjobs',
  shortNames: ['cj'],
  categories: ['all'],
  hasStatus: true,
  columns: [
    nameColumn,
    column('Schedule', 'When it runs', textAt('spec', 'schedule')),
    column('Timezone', 'Time zone of the schedule', textOr('<none>', 'spec', 'timeZone')),
    {
      ...column('Suspend', 'Whether it is stopped for now', (cronJob) => {
        const isSuspended = at(cronJob, 'spec', 'suspend');
        return isUnset(isSuspended) ? '<unset>' : isSuspended === true ? 'True' : 'False';
      }),
      type: 'boolean',
    },
    integerColumn(
      'Active',
      'Jobs that run now',
      (cronJob) => listAt(cronJob, 'status', 'active').length,
    ),
    column('Last Schedule', 'Time since it last ran', lastSchedule),
    ageColumn,
    ...templateColumns('spec', 'jobTemplate', 'spec', 'template'),
    selectorColumn('spec', 'jobTemplate', 'spec', 'selector'),
  ],
  applyDefaults: defaultCronJob,
  validate: validateCronJob,
};

export const batch = kindsOf('batch/v1', 'io.k8s.api.batch.v1', [cronJobs, jobs]);

const autoscalers: KindDefinition = {
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  shortNames: ['hpa'],
  categories: ['all'],
  hasStatus: true,
  columns: [
    nameColumn,
    column('Reference', 'What it scales', scaleTarget),
    column('Targets', 'What is measured, and what is aimed at', autoscalerTargets),
    column('MinPods', 'Fewest pods', (autoscaler) =>
      String(numberAt(autoscaler, 'spec', 'minReplicas') ?? '<unset>'),
    ),
    column('MaxPods', 'Most pods', countAt('spec', 'maxReplicas')),
    column('Replicas', 'Pods there are', countAt('status', 'currentReplicas')),
    ageColumn,
  ],
  validate: validateAutoscaler,
};

export const autoscaling = [
  ...kindsOf('autoscaling/v1', 'io.k8s.api.autoscaling.v1', [
    { ...autoscalers, applyDefaults: defaultAutoscalerV1 },
  ]),
  ...kindsOf('autoscaling/v2', 'io.k8s.api.autoscaling.v2', [
    { ...autoscalers, applyDefaults: defaultAutoscalerV2 },
  ]),
];

export const policy = kindsOf('policy/v1', 'io.k8s.api.policy.v1', [
  {
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    shortNames: ['pdb'],
    hasStatus: true,
    columns: [
      nameColumn,
      amountColumn('Min Available', 'minAvailable'),
      amountColumn('Max Unavailable', 'maxUnavailable'),
      integerColumn(
        'Allowed Disruptions',
        'Pods that may go now',
        countAt('status', 'disruptionsAllowed'),
      ),
      ageColumn,
    ],
    validate: validateDisruptionBudget,
  },
]);

function amountColumn(name: string, field: string): Column {
  return column(name, 'A number or percentage of pods', (budget) =>
    asText(at(budget, 'spec', field) ?? 'N/A'),
  );
}
