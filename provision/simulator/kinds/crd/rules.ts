/** The rules of custom resources, `x-kubernetes-validations` (Kubernetes documentation, "Validation rules"). */
import {
  CelOptional,
  compile,
  MESSAGE_LIMIT_BYTES,
  OBJECT_COST_LIMIT,
  optionalOf,
  schemaType,
  toValue,
  withObjectFields,
  type CelType,
  type CelValue,
  type Compiled,
  type Declarations,
  type Outcome,
} from '../cel/index.ts';
import { at, fieldPath, isObject, listAt, objectAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { duplicate, forbidden, invalid, required } from '../validation/fields/field-errors.ts';
import { childrenOf, rootPlace, type Place } from './correlation.ts';

/** What an object has against the rules of its schema; `old` is there for updates, where what has not changed is let be. */
export function ruleErrors(
  raw: JsonObject,
  object: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  if (!hasRules(raw)) return [];
  const check = new RuleCheck();
  check.walk(raw, rootPlace(object, old), true);
  if (check.warnings.length > 0) warnings.set(object, check.warnings);
  return check.errors;
}

const warnings = new WeakMap<JsonObject, readonly string[]>();

/** What an object that was checked has against rules in parts that it had like that before. */
export function ruleWarnings(object: JsonObject): readonly string[] {
  return warnings.get(object) ?? [];
}

/** What a default has against the rules of its schema; `field` is its place in the definition. */
export function defaultRuleErrors(
  raw: JsonObject,
  value: Json,
  field: string,
): readonly FieldError[] {
  const check = new RuleCheck();
  check.walk(raw, { value, old: undefined, path: field, isUnchanged: false });
  return check.errors;
}

const known = new WeakMap<JsonObject, boolean>();

/** Whether a schema has a rule anywhere. */
export function hasRules(raw: Json | undefined): boolean {
  if (!isObject(raw)) return false;
  const answer = known.get(raw);
  if (answer !== undefined) return answer;
  const below = [
    raw['items'],
    raw['additionalProperties'],
    ...Object.values(objectAt(raw, 'properties')),
    ...listAt(raw, 'allOf'),
  ];
  const result = listAt(raw, 'x-kubernetes-validations').length > 0 || below.some(hasRules);
  known.set(raw, result);
  return result;
}

/** Rules that may read the value and the one before it. */
const declarations = new WeakMap<JsonObject, Map<string, Declarations>>();

/** The variables of a schema's rules; for the whole object they include its names. */
export function ruleVariables(
  raw: JsonObject,
  isRoot: boolean,
  hasOptionalOldSelf: boolean,
): Declarations | undefined {
  const schema = isRoot ? withObjectFields(raw) : raw;
  const self = schemaType(schema);
  if (!self) return undefined;
  const made = declarations.get(schema) ?? new Map<string, Declarations>();
  declarations.set(schema, made);
  const key = hasOptionalOldSelf ? 'optional' : 'plain';
  const found = made.get(key) ?? declare(self, hasOptionalOldSelf);
  made.set(key, found);
  return found;
}

function declare(self: CelType, hasOptionalOldSelf: boolean): Declarations {
  const oldSelf = hasOptionalOldSelf ? optionalOf(self) : self;
  return {
    variable: (name) => (name === 'self' ? self : name === 'oldSelf' ? oldSelf : undefined),
  };
}

/** A rule with the expression of its message, compiled. */
export interface CompiledRule {
  readonly rule: Json;
  readonly test: Compiled;
  readonly message: Compiled | undefined;
}

/** The rules right at this schema; empty when its values cannot be read by rules. */
export function compiledRules(raw: JsonObject, isRoot: boolean): readonly CompiledRule[] {
  return listAt(raw, 'x-kubernetes-validations').flatMap((rule) => {
    const variables = ruleVariables(raw, isRoot, at(rule, 'optionalOldSelf') === true);
    if (!variables || stringAt(rule, 'rule').trim() === '') return [];
    const message = stringAt(rule, 'messageExpression');
    return [
      {
        rule,
        test: compile(stringAt(rule, 'rule'), variables),
        message: message === '' ? undefined : compile(message, variables),
      },
    ];
  });
}

/** One walk through an object; ends when the rules have cost too much. */
class RuleCheck {
  readonly errors: FieldError[] = [];
  readonly warnings: string[] = [];
  #budget = OBJECT_COST_LIMIT;

  walk(raw: Json | undefined, place: Place, isRoot = false): void {
    if (!isObject(raw) || !hasRules(raw) || place.value === null || this.#budget < 0) return;
    this.#checkHere(raw, place, isRoot);
    for (const part of listAt(raw, 'allOf')) {
      if (isObject(part) && hasRules(part)) this.#checkAlso(raw, part, place);
    }
    for (const [schema, child] of childrenOf(raw, place, hasRules)) this.walk(schema, child);
  }

  /** Rules of an allOf read the value as the schema around them describes it. */
  #checkAlso(raw: JsonObject, part: JsonObject, place: Place): void {
    const { allOf: _allOf, ...rest } = raw;
    const rules = part['x-kubernetes-validations'];
    if (rules !== undefined) {
      this.#checkHere({ ...rest, 'x-kubernetes-validations': rules }, place, false);
    }
  }

  #checkHere(raw: JsonObject, place: Place, isRoot: boolean): void {
    const rules = compiledRules(raw, isRoot);
    if (rules.length === 0) return;
    const schema = isRoot ? withObjectFields(raw) : raw;
    const self = toValue(place.value, schema);
    const old = place.old === undefined ? undefined : toValue(place.old, schema);
    for (const rule of rules) {
      if (this.#budget < 0) return;
      this.#apply(rule, { self, old, raw, place });
    }
  }

  #apply({ rule, test, message }: CompiledRule, subject: Subject): void {
    const { place, self, old } = subject;
    const fail = (detail: string) => this.#report(subject, place.path, detail);
    if (test.type === 'failed') return fail(`rule compile error: ${test.problem}`);
    const isOptional = at(rule, 'optionalOldSelf') === true;
    const isTransition = test.program.reads.has('oldSelf');
    if (isTransition && old === undefined && !isOptional) return;
    const oldSelf = isOptional ? new CelOptional(old) : old;
    const variables = (name: string) => (name === 'self' ? self : oldSelf);
    const outcome = test.program.evaluate(variables);
    if (!this.#pay(outcome)) return this.#exhausted(subject);
    if (outcome.type !== 'value') return this.#broken(subject, rule, outcome);
    if (outcome.value === true) return;
    const detail = this.#messageOf(message, variables) ?? ruleMessage(rule);
    const field = fieldOfRule(rule, place.path);
    const error = errorFor(stringAt(rule, 'reason'), field, typeOf(subject.raw), detail);
    // What was wrong before and has not been touched may stay.
    if (isTransition || !place.isUnchanged) this.errors.push(error);
    else this.warnings.push(`${error.field}: ${error.message}`);
  }

  #pay({ cost }: Outcome): boolean {
    this.#budget -= cost;
    return this.#budget >= 0;
  }

  #exhausted(subject: Subject): void {
    this.#budget = -1;
    const words =
      'validation failed due to running out of cost budget, no further validation rules will be run';
    this.#report(subject, subject.place.path, words);
  }

  #broken(subject: Subject, rule: Json, outcome: Exclude<Outcome, { type: 'value' }>): void {
    const { path } = subject.place;
    const name = ruleName(rule);
    if (outcome.type === 'too-costly') {
      this.#budget = -1;
      const why = 'no further validation rules will be run due to call cost exceeds limit for rule';
      return this.#report(subject, path, `'${outcome.message}': ${why}: ${name}`);
    }
    const { message } = outcome;
    if (!message.startsWith('no such overload')) {
      return this.#report(subject, path, `${message} evaluating rule: ${name}`);
    }
    const why =
      'call arguments did not match a supported operator, function or macro signature for rule';
    this.#report(subject, path, `'${message}': ${why}: ${name}`);
  }

  #report({ raw }: Subject, path: string, detail: string): void {
    this.errors.push(invalid(shownPath(path), typeOf(raw), detail));
  }

  #messageOf(
    message: Compiled | undefined,
    variables: (name: string) => CelValue | undefined,
  ): string | undefined {
    if (message?.type !== 'program') return undefined;
    const outcome = message.program.evaluate(variables);
    this.#budget -= outcome.cost;
    if (outcome.type !== 'value' || typeof outcome.value !== 'string') return undefined;
    const text = outcome.value.trim();
    const isFit =
      text !== '' && !text.includes('\n') && Buffer.byteLength(text) <= MESSAGE_LIMIT_BYTES;
    return isFit ? text : undefined;
  }
}

interface Subject {
  readonly self: CelValue;
  readonly old: CelValue | undefined;
  readonly raw: JsonObject;
  readonly place: Place;
}

// Upstream shows the type in the place of the value, which may be large.
function typeOf(raw: JsonObject): string {
  return stringAt(raw, 'type');
}

/** The path of the whole object has no name, which Go writes so. */
function shownPath(path: string): string {
  return path === '' ? '<nil>' : path;
}

function fieldOfRule(rule: Json, path: string): string {
  const below = stringAt(rule, 'fieldPath').trim().replace(/^\./, '');
  return below === ''
    ? shownPath(path)
    : fieldPath(path, below.replaceAll(/\['([^']*)'\]/g, '[$1]'));
}

function ruleName(rule: Json): string {
  return stringAt(rule, 'message').trim() || stringAt(rule, 'rule').trim();
}

function ruleMessage(rule: Json): string {
  return stringAt(rule, 'message').trim() || `failed rule: ${stringAt(rule, 'rule').trim()}`;
}

function errorFor(reason: string, field: string, type: string, detail: string): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
      return forbidden(field, detail);
    case 'FieldValueRequired':
      return required(field, detail);
    case 'FieldValueDuplicate':
      return duplicate(field, type);
    default:
      return invalid(field, type, detail);
  }
}

/** Errors after which upstream runs no rules, because the object may not have the shape that they expect. */
export function isBlocking({ type, message }: FieldError): boolean {
  const isShape = type === 'NotSupported' || type === 'Required' || type === 'TypeInvalid';
  return isShape || type === 'TooLong' || message.startsWith('Too many');
}

/** Says that rules were not run. */
export const rulesNotRun: FieldError = invalid(
  '<nil>',
  null,
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
);
