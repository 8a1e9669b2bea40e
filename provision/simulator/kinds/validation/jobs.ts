/** What upstream demands of jobs and their schedules (Kubernetes, pkg/apis/batch/validation). */
import { isSame, objectAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { JsonObject } from '../object.ts';
import { immutable, invalid, notSupported, required } from './field-errors.ts';
import { countErrors } from './numbers.ts';
import { validateTemplate } from './pod.ts';

export function validateJob(job: JsonObject, old: JsonObject | undefined): readonly FieldError[] {
  const spec = objectAt(job, 'spec');
  const before = objectAt(old, 'spec');
  const changed = (key: string) =>
    immutable(`spec.${key}`, spec[key], !isSame(spec[key], before[key]));
  return [
    ...jobSpecErrors(spec, 'spec'),
    ...(old ? ['completions', 'selector', 'template', 'completionMode'].flatMap(changed) : []),
  ];
}

/** A job's name and what its controller appends must fit in 63 characters. */
const CRON_JOB_NAME_LIMIT = 52;

export function validateCronJob(cronJob: JsonObject): readonly FieldError[] {
  const spec = objectAt(cronJob, 'spec');
  const name = stringAt(cronJob, 'metadata', 'name');
  const policy = stringAt(spec, 'concurrencyPolicy');
  return [
    ...(name.length > CRON_JOB_NAME_LIMIT
      ? [invalid('metadata.name', name, 'must be no more than 52 characters')]
      : []),
    ...scheduleErrors(stringAt(spec, 'schedule')),
    ...(CONCURRENCY.includes(policy)
      ? []
      : [notSupported('spec.concurrencyPolicy', policy, CONCURRENCY)]),
    ...countErrors(spec, [
      'startingDeadlineSeconds',
      'successfulJobsHistoryLimit',
      'failedJobsHistoryLimit',
    ]),
    ...jobSpecErrors(objectAt(spec, 'jobTemplate', 'spec'), 'spec.jobTemplate.spec'),
  ];
}

const CONCURRENCY = ['Allow', 'Forbid', 'Replace'];

const JOB_NUMBERS = [
  'parallelism',
  'completions',
  'backoffLimit',
  'activeDeadlineSeconds',
  'ttlSecondsAfterFinished',
];

function jobSpecErrors(spec: JsonObject, field: string): readonly FieldError[] {
  const policy = stringAt(spec, 'template', 'spec', 'restartPolicy');
  const isEndless = policy === 'Always';
  return [
    ...countErrors(spec, JOB_NUMBERS, field),
    ...validateTemplate(spec['template'], `${field}.template`),
    ...(isEndless
      ? [required(`${field}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"')]
      : []),
  ];
}

function scheduleErrors(schedule: string): readonly FieldError[] {
  if (schedule === '') return [required('spec.schedule')];
  if (/^@(yearly|annually|monthly|weekly|daily|midnight|hourly|every \S+)$/.test(schedule))
    return [];
  if (schedule.startsWith('@')) {
    return [invalid('spec.schedule', schedule, `unrecognized descriptor: ${schedule}`)];
  }
  const fields = schedule.split(/\s+/).filter((part) => part !== '');
  return fields.length === 5
    ? []
    : [
        invalid(
          'spec.schedule',
          schedule,
          `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`,
        ),
      ];
}
