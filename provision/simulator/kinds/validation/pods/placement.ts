/** Where pods may run: affinity, tolerations, spreading. */
import { asText, isObject, listAt, numberAt, objectAt, stringAt } from '../../json.ts';
import type { FieldError } from '../../kind.ts';
import type { Json, JsonObject } from '../../object.ts';
import {
  duplicate,
  forbidden,
  invalid,
  invalids,
  notSupported,
  required,
} from '../fields/field-errors.ts';
import { expressionErrors } from '../fields/label-selectors.ts';
import { labelValueProblems, qualifiedNameProblems } from '../fields/names.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

/** What `affinity` has against it. */
export function affinityErrors(affinity: JsonObject, field: string): readonly FieldError[] {
  return [
    ...nodeAffinityErrors(objectAt(affinity, 'nodeAffinity'), `${field}.nodeAffinity`),
    ...['podAffinity', 'podAntiAffinity'].flatMap((key) =>
      podAffinityErrors(objectAt(affinity, key), `${field}.${key}`),
    ),
  ];
}

function nodeAffinityErrors(affinity: JsonObject, field: string): readonly FieldError[] {
  const needed = affinity[REQUIRED];
  return [
    ...(isObject(needed) ? nodeSelectorErrors(needed, `${field}.${REQUIRED}`) : []),
    ...listAt(affinity, PREFERRED).flatMap((term, i) => [
      ...weightErrors(term, `${field}.${PREFERRED}[${i}]`),
      ...nodeTermErrors(objectAt(term, 'preference'), `${field}.${PREFERRED}[${i}].preference`),
    ]),
  ];
}

/** What a NodeSelector has against it: an affinity of pods, of volumes. */
export function nodeSelectorErrors(selector: JsonObject, field: string): readonly FieldError[] {
  const terms = listAt(selector, 'nodeSelectorTerms');
  return terms.length === 0
    ? [required(`${field}.nodeSelectorTerms`, 'must have at least one node selector term')]
    : terms.flatMap((term, i) => nodeTermErrors(term, `${field}.nodeSelectorTerms[${i}]`));
}

function nodeTermErrors(term: Json, field: string): readonly FieldError[] {
  return listAt(term, 'matchExpressions').flatMap((expression, i) =>
    nodeExpressionErrors(expression, `${field}.matchExpressions[${i}]`),
  );
}

function nodeExpressionErrors(expression: Json, field: string): readonly FieldError[] {
  const key = stringAt(expression, 'key');
  return [
    ...operatorErrors(expression, field),
    ...invalids(`${field}.key`, key, qualifiedNameProblems(key)),
  ];
}

function operatorErrors(expression: Json, field: string): readonly FieldError[] {
  const operator = stringAt(expression, 'operator');
  const count = listAt(expression, 'values').length;
  switch (operator) {
    case 'In':
    case 'NotIn':
      return count === 0
        ? [required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
        : [];
    case 'Exists':
    case 'DoesNotExist':
      return count === 0
        ? []
        : [
            forbidden(
              `${field}.values`,
              "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
            ),
          ];
    case 'Gt':
    case 'Lt':
      return count === 1
        ? []
        : [
            required(
              `${field}.values`,
              "must be specified single value when `operator` is 'Lt' or 'Gt'",
            ),
          ];
    default:
      return [invalid(`${field}.operator`, operator, 'not a valid selector operator')];
  }
}

function podAffinityErrors(affinity: JsonObject, field: string): readonly FieldError[] {
  return [
    ...listAt(affinity, REQUIRED).flatMap((term, i) =>
      podTermErrors(term, `${field}.${REQUIRED}[${i}]`),
    ),
    ...listAt(affinity, PREFERRED).flatMap((term, i) => [
      ...weightErrors(term, `${field}.${PREFERRED}[${i}]`),
      ...podTermErrors(
        objectAt(term, 'podAffinityTerm'),
        `${field}.${PREFERRED}[${i}].podAffinityTerm`,
      ),
    ]),
  ];
}

function podTermErrors(term: Json, field: string): readonly FieldError[] {
  const { labelSelector } = objectAt(term);
  return [
    ...expressionErrors(labelSelector, `${field}.labelSelector`),
    ...topologyErrors(term, field),
  ];
}

function weightErrors(term: Json, field: string): readonly FieldError[] {
  const weight = numberAt(term, 'weight') ?? 0;
  return weight >= 1 && weight <= 100
    ? []
    : [invalid(`${field}.weight`, weight, 'must be in the range 1-100')];
}

function topologyErrors(holder: Json, field: string): readonly FieldError[] {
  const key = stringAt(holder, 'topologyKey');
  return key === ''
    ? [required(`${field}.topologyKey`, 'can not be empty')]
    : invalids(`${field}.topologyKey`, key, qualifiedNameProblems(key));
}

const SPREAD_ACTIONS = ['DoNotSchedule', 'ScheduleAnyway'];

/** What one of `topologySpreadConstraints` has against it; `before` are those before it. */
export function spreadErrors(
  constraint: Json,
  field: string,
  before: readonly Json[],
): readonly FieldError[] {
  const skew = numberAt(constraint, 'maxSkew') ?? 0;
  const action = stringAt(constraint, 'whenUnsatisfiable');
  const key = spreadKey(constraint);
  const isTaken = before.some((one) => spreadKey(one) === key);
  return [
    ...(skew > 0 ? [] : [invalid(`${field}.maxSkew`, skew, 'must be greater than zero')]),
    ...topologyErrors(constraint, field),
    ...(SPREAD_ACTIONS.includes(action)
      ? []
      : [notSupported(`${field}.whenUnsatisfiable`, action, SPREAD_ACTIONS)]),
    ...(isTaken ? [duplicate(`${field}.{topologyKey, whenUnsatisfiable}`, key)] : []),
    ...expressionErrors(objectAt(constraint)['labelSelector'], `${field}.labelSelector`),
  ];
}

function spreadKey(constraint: Json): string {
  return `{${stringAt(constraint, 'topologyKey')}, ${stringAt(constraint, 'whenUnsatisfiable')}}`;
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** What one of `tolerations` has against it. */
export function tolerationErrors(toleration: Json, field: string): readonly FieldError[] {
  const key = stringAt(toleration, 'key');
  const operator = stringAt(toleration, 'operator');
  const effect = stringAt(toleration, 'effect');
  const seconds = objectAt(toleration)['tolerationSeconds'];
  const isEvicting = effect === 'NoExecute' || seconds === undefined || seconds === null;
  return [
    ...(key === '' ? [] : invalids(`${field}.key`, key, qualifiedNameProblems(key))),
    ...(key === '' && operator !== 'Exists'
      ? [
          invalid(
            `${field}.operator`,
            operator,
            'operator must be Exists when `key` is empty, which means "match all values and all keys"',
          ),
        ]
      : []),
    ...(isEvicting
      ? []
      : [
          invalid(
            `${field}.effect`,
            effect,
            "effect must be 'NoExecute' when `tolerationSeconds` is set",
          ),
        ]),
    ...tolerationValueErrors(toleration, field),
    ...(effect === '' || EFFECTS.includes(effect)
      ? []
      : [notSupported(`${field}.effect`, effect, EFFECTS)]),
  ];
}

function tolerationValueErrors(toleration: Json, field: string): readonly FieldError[] {
  const value = asText(objectAt(toleration)['value'] ?? '');
  const operator = stringAt(toleration, 'operator');
  switch (operator) {
    case '':
    case 'Equal':
      return invalids(`${field}.operator`, value, labelValueProblems(value).slice(0, 1));
    case 'Exists':
      return value === ''
        ? []
        : [invalid(`${field}.operator`, value, "value must be empty when `operator` is 'Exists'")];
    default:
      return [notSupported(`${field}.operator`, operator, ['Equal', 'Exists'])];
  }
}
