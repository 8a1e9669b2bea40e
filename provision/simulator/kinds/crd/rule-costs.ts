/** What the rules of a definition may cost at most (Kubernetes documentation, "Resource use by validation functions"). */
import {
  DEFINITION_COST_LIMIT,
  estimateCost,
  mostOften,
  RULE_COST_LIMIT,
  schemaBound,
  withObjectFields,
} from '../cel/index.ts';
import { at, isObject, numberAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { forbidden } from '../validation/fields/field-errors.ts';
import { ruleVariables } from './rules.ts';

/** How many expressions are named when all together cost too much, as upstream. */
const NAMED_LIMIT = 4;
/** Those that cost less than a hundredth of the limit are not to blame. */
const BLAMED_COST = DEFINITION_COST_LIMIT / 100;

/** Adds up what the expressions of one definition cost. */
export class TotalCost {
  #total = 0;
  readonly #parts: { readonly field: string; readonly cost: number }[] = [];

  add(field: string, cost: number): void {
    this.#total += cost;
    this.#parts.push({ field, cost });
  }

  /** What is said when the sum is too large; `field` is the schema. */
  errors(field: string): readonly FieldError[] {
    if (this.#total <= DEFINITION_COST_LIMIT) return [];
    const blamed = this.#parts
      .filter(({ cost }) => cost > BLAMED_COST)
      .toSorted((left, right) => right.cost - left.cost || 0)
      .slice(0, NAMED_LIMIT);
    const why =
      'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
    const name = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
    return [
      ...blamed.map((part) => forbidden(part.field, why)),
      forbidden(field, excess(name, this.#total, DEFINITION_COST_LIMIT)),
    ];
  }
}

/** Where the costs of a rule come from. */
export interface CostPlace {
  readonly schema: JsonObject;
  readonly isRoot: boolean;
  /** How many values of the schema an object has at most; undefined when nothing limits the lists and maps around it. */
  readonly often: number | undefined;
  readonly total: TotalCost;
}

/** The errors of one rule that may cost too much; `field` is the rule's. */
export function costErrors(rule: Json, field: string, place: CostPlace): readonly FieldError[] {
  const often = place.often ?? mostOften(place.schema);
  const cost = costOf(stringAt(rule, 'rule'), rule, place) * often;
  place.total.add(`${field}.rule`, cost);
  const errors = tooCostly(`${field}.rule`, 'estimated rule cost', cost);
  const message = stringAt(rule, 'messageExpression');
  if (message.trim() === '') return errors;
  const messageCost = costOf(message, rule, place);
  place.total.add(`${field}.messageExpression`, messageCost);
  const name = 'estimated messageExpression cost';
  return [...errors, ...tooCostly(`${field}.messageExpression`, name, messageCost)];
}

function costOf(text: string, rule: Json, { schema, isRoot }: CostPlace): number {
  const variables = ruleVariables(schema, isRoot, at(rule, 'optionalOldSelf') === true);
  if (!variables) return 0;
  const self = schemaBound(isRoot ? withObjectFields(schema) : schema);
  return estimateCost(text, variables, { self, oldSelf: self });
}

/** How many items or values of such schemas an object has at most. */
export function oftenBelow(schema: JsonObject, often: number | undefined): number | undefined {
  const key = isObject(schema['items']) ? 'maxItems' : 'maxProperties';
  const limit = numberAt(schema, key);
  return often === undefined || limit === undefined ? undefined : often * limit;
}

function tooCostly(field: string, name: string, cost: number): readonly FieldError[] {
  return cost > RULE_COST_LIMIT ? [forbidden(field, excess(name, cost, RULE_COST_LIMIT))] : [];
}

function excess(name: string, cost: number, limit: number): string {
  const times = cost / limit;
  const factor = times > 100 ? 'more than 100' : times.toFixed(times < 1.5 ? 6 : 1);
  return `${name} exceeds budget by factor of ${factor}x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}
