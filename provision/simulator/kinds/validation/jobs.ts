/** What upstream demands of jobs and their schedules (Kubernetes, pkg/apis/batch/validation). */
import { isObject, isSame, isUnset, objectAt, stringAt, stringMapAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { JsonObject } from '../object.ts';
import { asLabelSelector } from '../selectors/label-selector.ts';
import { matchesSelector } from '../selectors/labels.ts';
import { scheduleProblem } from './cron-schedule.ts';
import { immutable, invalid, notSupported, required } from './fields/field-errors.ts';
import { countErrors } from './fields/numbers.ts';
import { validateTemplate } from './pods/pod.ts';

export function validateJob(job: JsonObject, old: JsonObject | undefined): readonly FieldError[] {
  const spec = objectAt(job, 'spec');
  const before = objectAt(old, 'spec');
  const changed = (key: string) =>
    immutable(`spec.${key}`, spec[key], !isSame(spec[key], before[key]));
  const labels = stringMapAt(spec, 'template', 'metadata', 'labels');
  const fits = matchesSelector(asLabelSelector(spec['selector']), labels);
  return [
    ...jobSpecErrors(spec, 'spec'),
    // Without a selector the server makes one; it fits.
    ...(isObject(spec['selector']) && !fits
      ? [
          invalid(
            'spec.template.metadata.labels',
            labels,
            '`selector` does not match template `labels`',
          ),
        ]
      : []),
    ...(old ? frozenFields(spec, before).flatMap(changed) : []),
  ];
}

/** Fields that cannot change: an indexed job may do more or less than was planned, a suspended one elsewhere. */
function frozenFields(spec: JsonObject, before: JsonObject): readonly string[] {
  const isElastic =
    spec['completionMode'] === 'Indexed' &&
    isSame(spec['completions'], spec['parallelism']) &&
    isSame(before['completions'], before['parallelism']);
  return [
    ...(isElastic ? [] : ['completions']),
    'selector',
    ...(before['suspend'] === true ? [] : ['template']),
    'completionMode',
    'podFailurePolicy',
    'backoffLimitPerIndex',
    'managedBy',
    'successPolicy',
  ];
}

/** A job's name and what its controller appends must fit in 63 characters. */
const CRON_JOB_NAME_LIMIT = 52;
const CONCURRENCY = ['Allow', 'Forbid', 'Replace'];

export function validateCronJob(
  cronJob: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const spec = objectAt(cronJob, 'spec');
  const name = stringAt(cronJob, 'metadata', 'name');
  const policy = stringAt(spec, 'concurrencyPolicy');
  return [
    ...scheduleErrors(stringAt(spec, 'schedule'), 'spec.schedule'),
    ...countErrors(spec, ['startingDeadlineSeconds']),
    ...timeZoneErrors(spec, 'spec.timeZone'),
    ...(CONCURRENCY.includes(policy)
      ? []
      : [notSupported('spec.concurrencyPolicy', policy, CONCURRENCY)]),
    ...templateErrors(objectAt(spec, 'jobTemplate', 'spec'), 'spec.jobTemplate.spec'),
    ...countErrors(spec, ['successfulJobsHistoryLimit', 'failedJobsHistoryLimit']),
    ...(!old && name.length > CRON_JOB_NAME_LIMIT
      ? [invalid('metadata.name', name, 'must be no more than 52 characters')]
      : []),
  ];
}

function templateErrors(spec: JsonObject, field: string): readonly FieldError[] {
  const isManual = spec['manualSelector'] === true;
  return [
    ...(isUnset(spec['selector'])
      ? []
      : [invalid(`${field}.selector`, spec['selector'], '`selector` will be auto-generated')]),
    ...(isManual ? [notSupported(`${field}.manualSelector`, true, ['nil', 'false'])] : []),
    ...jobSpecErrors(spec, field),
  ];
}

const JOB_NUMBERS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
];
const COMPLETION_MODES = ['Indexed', 'NonIndexed'];
const ENDING = ['OnFailure', 'Never'];

function jobSpecErrors(spec: JsonObject, field: string): readonly FieldError[] {
  const mode = stringAt(spec, 'completionMode') || 'NonIndexed';
  const policy = stringAt(spec, 'template', 'spec', 'restartPolicy');
  const at = `${field}.template.spec.restartPolicy`;
  return [
    ...countErrors(spec, JOB_NUMBERS, field),
    ...(COMPLETION_MODES.includes(mode)
      ? []
      : [notSupported(`${field}.completionMode`, mode, COMPLETION_MODES)]),
    ...(mode === 'Indexed' && isUnset(spec['completions'])
      ? [required(`${field}.completions`, 'when completion mode is Indexed')]
      : []),
    ...validateTemplate(spec['template'], `${field}.template`),
    ...(policy === '' || policy === 'Always'
      ? [required(at, 'valid values: "OnFailure", "Never"')]
      : ENDING.includes(policy)
        ? []
        : [notSupported(at, policy, ENDING)]),
  ];
}

function scheduleErrors(schedule: string, field: string): readonly FieldError[] {
  if (schedule === '') return [required(field)];
  if (schedule.includes('TZ')) {
    const why = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
    return [invalid(field, schedule, why)];
  }
  const problem = scheduleProblem(schedule);
  return problem === '' ? [] : [invalid(field, schedule, problem)];
}

function timeZoneErrors(spec: JsonObject, field: string): readonly FieldError[] {
  const zone = spec['timeZone'];
  if (typeof zone !== 'string') return [];
  if (zone === '') return [invalid(field, zone, 'timeZone must be nil or non-empty string')];
  if (zone.toLowerCase() === 'local') {
    const why =
      'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
    return [invalid(field, zone, why)];
  }
  return isTimeZone(zone) ? [] : [invalid(field, zone, `unknown time zone ${zone}`)];
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
