import { asText, isObject, isUnset, listAt, numberAt, objectAt, stringAt } from '../json.ts';
import type { Column } from '../kind.ts';
import type { Json, KubeObject } from '../object.ts';
import { asLabelSelector } from '../selectors/label-selector.ts';
import { selectorText } from '../selectors/labels.ts';
import { ageColumn, integerColumn, nameColumn, wideColumn } from '../tables/columns.ts';
/** Cells and columns that controllers of pods share. */
import { age, humanDuration } from '../values/age.ts';

/** A cell with the number at `path`, 0 when there is none. */
export function countAt(...path: readonly string[]): Column['cell'] {
  return (object) => numberAt(object, ...path) ?? 0;
}

/** The wide columns Containers and Images of a pod template. */
export function templateColumns(...path: readonly string[]): readonly Column[] {
  return [
    wideColumn('Containers', 'Names of the containers in the template', (object) =>
      names(listAt(object, ...path, 'spec', 'containers'), 'name'),
    ),
    wideColumn('Images', 'Images of the containers in the template', (object) =>
      names(listAt(object, ...path, 'spec', 'containers'), 'image'),
    ),
  ];
}

/** The wide column Selector of a LabelSelector at `path`. */
export function selectorColumn(...path: readonly string[]): Column {
  return wideColumn('Selector', 'Labels of the pods that belong to it', (object) =>
    selectorText(asLabelSelector(objectAt(object, ...path))),
  );
}

/** Columns of autoscaling/v1 Scale, the part of a workload that counts its pods. */
export const scaleColumns: readonly Column[] = [
  nameColumn,
  integerColumn('Desired', 'Pods wanted', countAt('spec', 'replicas')),
  integerColumn('Available', 'Pods there are', countAt('status', 'replicas')),
  ageColumn,
];

/** A map of labels as `a=1,b=2`, `<none>` when empty. */
export function labelsText(labels: Readonly<Record<string, Json | undefined>>): string {
  const texts = Object.keys(labels)
    .toSorted()
    .map((key) => `${key}=${asText(labels[key])}`);
  return texts.length === 0 ? '<none>' : texts.join(',');
}

/** `Complete`, `Failed`, `Running` …. */
export function jobStatus(job: KubeObject): string {
  const holds = (type: string) =>
    listAt(job, 'status', 'conditions').some(
      (condition) =>
        stringAt(condition, 'type') === type && stringAt(condition, 'status') === 'True',
    );
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (holds('Suspended')) return 'Suspended';
  if (holds('FailureTarget')) return 'FailureTarget';
  return holds('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

/** `1/3`; without a number of completions `0/1` or `0/1 of 5` (any one pod's success ends the work). */
export function jobCompletions(job: KubeObject): string {
  const succeeded = numberAt(job, 'status', 'succeeded') ?? 0;
  const completions = numberAt(job, 'spec', 'completions');
  if (completions !== undefined) return `${succeeded}/${completions}`;
  const parallelism = numberAt(job, 'spec', 'parallelism') ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

/** From start to completion, or to now while it runs. */
export function jobDuration(job: KubeObject, nowMs: number): string {
  const start = stringAt(job, 'status', 'startTime');
  if (start === '') return '';
  const end = stringAt(job, 'status', 'completionTime');
  return humanDuration((end === '' ? nowMs : Date.parse(end)) - Date.parse(start));
}

/** Time since a CronJob last ran. */
export function lastSchedule(cronJob: KubeObject, nowMs: number): string {
  const time = stringAt(cronJob, 'status', 'lastScheduleTime');
  return time === '' ? '<none>' : age(time, nowMs);
}

/** `cpu: 12%/80%`; at most two metrics, then how many more there are. */
export function autoscalerTargets(autoscaler: KubeObject): string {
  const plain = numberAt(autoscaler, 'spec', 'targetCPUUtilizationPercentage');
  if (plain !== undefined) {
    const current = numberAt(autoscaler, 'status', 'currentCPUUtilizationPercentage');
    return `cpu: ${current === undefined ? '<unknown>' : `${current}%`}/${plain}%`;
  }
  const metrics = listAt(autoscaler, 'spec', 'metrics');
  if (metrics.length === 0) return '<none>';
  const currents = listAt(autoscaler, 'status', 'currentMetrics');
  const texts = metrics.map((metric, i) => metricText(metric, currents[i]));
  const more = texts.length - 2;
  return texts.slice(0, 2).join(', ') + (more > 0 ? ` + ${more} more...` : '');
}

/** `Deployment/web`. */
export function scaleTarget(autoscaler: KubeObject): string {
  const target = objectAt(autoscaler, 'spec', 'scaleTargetRef');
  return `${stringAt(target, 'kind')}/${stringAt(target, 'name')}`;
}

function metricText(metric: Json, current: Json | undefined): string {
  const type = stringAt(metric, 'type');
  const source = `${type.slice(0, 1).toLowerCase()}${type.slice(1)}`;
  const target = objectAt(metric, source, 'target');
  const now = objectAt(current, source, 'current');
  const name =
    type === 'Resource' || type === 'ContainerResource'
      ? `${stringAt(metric, source, 'name')}: `
      : '';
  const utilization = numberAt(target, 'averageUtilization');
  if (utilization !== undefined) {
    const seen = numberAt(now, 'averageUtilization');
    return `${name}${seen === undefined ? '<unknown>' : `${seen}%`}/${utilization}%`;
  }
  const isAverage = !isUnset(target['averageValue']);
  if (!isAverage && name !== '') {
    const seen = numberAt(now, 'averageUtilization');
    return `${name}${seen === undefined ? '<unknown>' : `${seen}%`}/<auto>`;
  }
  const key = isAverage ? 'averageValue' : 'value';
  const average = isAverage && name === '' && type !== 'Pods' ? ' (avg)' : '';
  return `${name}${text(now[key])}/${text(target[key])}${average}`;
}

function text(value: Json | undefined): string {
  return isUnset(value) ? '<unknown>' : asText(value);
}

function names(containers: readonly Json[], key: string): string {
  return containers
    .filter((container) => isObject(container))
    .map((container) => stringAt(container, key))
    .join(',');
}
