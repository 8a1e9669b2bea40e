/** What is wrong with the rules of a schema when it is declared (apiextensions-apiserver, pkg/apis/apiextensions/validation). */
import { typeText } from '../cel/index.ts';
import { at, isObject, isUnset, listAt, objectAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { invalid, notSupported, required } from '../validation/fields/field-errors.ts';
import { costErrors, oftenBelow, TotalCost } from './rule-costs.ts';
import { compiledRules, defaultRuleErrors, hasRules, ruleVariables } from './rules.ts';

const REASONS = [
  'FieldValueRequired',
  'FieldValueForbidden',
  'FieldValueInvalid',
  'FieldValueDuplicate',
];
const MESSAGE_LIMIT_CHARACTERS = 2048;

/** Where in a definition a schema stands. */
interface Where {
  readonly field: string;
  readonly isRoot: boolean;
  /** The list whose items are not known again after a change. */
  readonly uncorrelatable: string | undefined;
  /** How many values of it an object has at most; undefined when nothing limits that. */
  readonly often: number | undefined;
  readonly total: TotalCost;
}

/** The errors of all rules; upstream looks at them when the schema itself is in order. */
export function ruleDefinitionErrors(schema: JsonObject, field: string): readonly FieldError[] {
  const total = new TotalCost();
  const root = { field, isRoot: true, uncorrelatable: undefined, often: 1, total };
  const errors = errorsOf(schema, root);
  return [...errors, ...total.errors(field)];
}

function errorsOf(schema: Json | undefined, where: Where): readonly FieldError[] {
  if (!isObject(schema) || !hasRules(schema)) return [];
  const { field } = where;
  const isKeyed = schema['x-kubernetes-list-type'] === 'map';
  const uncorrelatable = where.uncorrelatable ?? (isKeyed ? undefined : field);
  const below = { ...where, isRoot: false };
  const often = oftenBelow(schema, where.often);
  const own = ownErrors(schema, where);
  const fallback = schema['default'];
  return [
    ...own,
    ...(isUnset(fallback) || own.length > 0
      ? []
      : defaultRuleErrors(schema, fallback, `${field}.default`)),
    ...Object.entries(objectAt(schema, 'properties')).flatMap(([name, property]) =>
      errorsOf(property, { ...below, field: `${field}.properties[${name}]` }),
    ),
    ...errorsOf(schema['items'], { ...below, field: `${field}.items`, uncorrelatable, often }),
    ...errorsOf(schema['additionalProperties'], {
      ...below,
      field: `${field}.additionalProperties`,
      often,
    }),
  ];
}

function ownErrors(schema: JsonObject, where: Where): readonly FieldError[] {
  const rules = listAt(schema, 'x-kubernetes-validations');
  const field = (i: number) => `${where.field}.x-kubernetes-validations[${i}]`;
  const plain = rules.flatMap((rule, i) => [
    ...textErrors(rule, field(i)),
    ...pathErrors(rule, schema, field(i)),
  ]);
  if (plain.length > 0 || rules.length === 0) return plain;
  if (!ruleVariables(schema, where.isRoot, false)) {
    const why = `rule declared on schema that does not support validation rules type: '${stringAt(schema, 'type')}' x-kubernetes-preserve-unknown-fields: '${schema['x-kubernetes-preserve-unknown-fields'] === true}'`;
    const message = `Internal error: ${why}`;
    return [{ type: 'Invalid', field: `${where.field}.x-kubernetes-validations`, message }];
  }
  return compiledRules(schema, where.isRoot).flatMap((rule, i) => [
    ...costErrors(rule.rule, field(i), { ...where, schema }),
    ...expressionErrors(rule, field(i)),
    ...transitionErrors(rule, field(i), where.uncorrelatable),
  ]);
}

function hasLineBreaks(text: string): boolean {
  return /[\n\r]/.test(text);
}

function textErrors(rule: Json, field: string): readonly FieldError[] {
  const text = stringAt(rule, 'rule').trim();
  const reason = at(rule, 'reason');
  const messageExpression = stringAt(rule, 'messageExpression');
  return [
    ...(text === ''
      ? [required(`${field}.rule`, 'rule is not specified')]
      : messageErrors(rule, field)),
    ...(messageExpression !== '' && messageExpression.trim() === ''
      ? [required(`${field}.messageExpression`, 'messageExpression must be non-empty if specified')]
      : []),
    ...(reason !== undefined && !REASONS.includes(stringAt(rule, 'reason'))
      ? [notSupported(`${field}.reason`, reason, REASONS.toSorted())]
      : []),
  ];
}

function messageErrors(rule: Json, field: string): readonly FieldError[] {
  const message = stringAt(rule, 'message');
  const wrong = (value: string, detail: string) => [invalid(`${field}.message`, value, detail)];
  if (message !== '' && message.trim() === '') {
    return wrong(message, 'message must be non-empty if specified');
  }
  if (message.length > MESSAGE_LIMIT_CHARACTERS) {
    const detail = `message must have a maximum length of ${MESSAGE_LIMIT_CHARACTERS} characters`;
    return wrong(`${message.slice(0, 10)}...`, detail);
  }
  if (hasLineBreaks(message.trim())) return wrong(message, 'message must not contain line breaks');
  if (hasLineBreaks(stringAt(rule, 'rule').trim()) && message === '') {
    return [required(`${field}.message`, 'message must be specified if rule contains line breaks')];
  }
  return [];
}

function pathErrors(rule: Json, schema: JsonObject, field: string): readonly FieldError[] {
  const path = stringAt(rule, 'fieldPath');
  if (path === '') return [];
  const wrong = (detail: string) => [invalid(`${field}.fieldPath`, path, detail)];
  if (path.trim() === '') return wrong('fieldPath must be non-empty if specified');
  if (hasLineBreaks(path)) return wrong('fieldPath must not contain line breaks');
  const problem = pathProblem(path, schema);
  return problem === undefined ? [] : wrong(`fieldPath must be a valid path: ${problem}`);
}

/** A path names fields and keys: `.spec.replicas`, `['my-key'].x`. */
function pathProblem(path: string, schema: JsonObject): string | undefined {
  let here: Json | undefined = schema;
  let rest = path;
  while (rest !== '') {
    const match: RegExpExecArray | null = /^(?:\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\])/.exec(rest);
    if (!match) return `expected [ or . but got: ${rest}`;
    const name: string = match[1] ?? match[2] ?? '';
    here = objectAt(here, 'properties')[name] ?? at(here, 'additionalProperties');
    if (!isObject(here)) return 'does not refer to a valid field';
    rest = rest.slice(match[0].length);
  }
  return undefined;
}

type CompiledRule = ReturnType<typeof compiledRules>[number];

function expressionErrors({ rule, test, message }: CompiledRule, field: string) {
  const errors: FieldError[] = [];
  const wrong = (part: string, detail: string) =>
    errors.push(invalid(`${field}.${part}`, shown(rule), detail));
  if (test.type === 'failed') wrong('rule', test.problem);
  else if (typeText(test.program.type) !== 'bool') {
    wrong('rule', 'cel expression must evaluate to a bool');
  }
  if (message?.type === 'failed') {
    wrong('messageExpression', `messageExpression ${message.problem}`);
  } else if (message && typeText(message.program.type) !== 'string') {
    wrong('messageExpression', 'messageExpression must evaluate to a string');
  }
  return errors;
}

/** The rule as upstream prints it, with the names and the order of Go's fields. */
function shown(rule: Json): JsonObject {
  return {
    Rule: stringAt(rule, 'rule'),
    Message: stringAt(rule, 'message'),
    MessageExpression: stringAt(rule, 'messageExpression'),
    Reason: at(rule, 'reason') ?? null,
    FieldPath: stringAt(rule, 'fieldPath'),
    OptionalOldSelf: at(rule, 'optionalOldSelf') ?? null,
  };
}

function transitionErrors(
  { rule, test }: CompiledRule,
  field: string,
  uncorrelatable: string | undefined,
): readonly FieldError[] {
  if (test.type === 'failed') return [];
  const readsOldSelf = test.program.reads.has('oldSelf');
  const optional = at(rule, 'optionalOldSelf');
  if (!readsOldSelf) {
    return optional === true
      ? [invalid(`${field}.optionalOldSelf`, true, 'may not be set if oldSelf is not used in rule')]
      : [];
  }
  if (uncorrelatable === undefined) return [];
  const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`;
  return [invalid(`${field}.rule`, stringAt(rule, 'rule'), detail)];
}
