/** Label selectors, as text (`app=web,tier in (a,b)`) and as meta/v1 LabelSelector (Kubernetes documentation, "Labels and Selectors"). */
import type { Labels } from './object.ts';
import type { LabelSelector } from './types/apps.ts';
import type { NodeSelectorRequirement } from './types/core.ts';

/** Whether labels fit a selector. */
export type LabelPredicate = (labels: Labels | undefined) => boolean;

/** Text that is not a label selector; the API server answers 400 with its message. */
export class SelectorError extends Error {
  readonly code = 'label-selector';
}

/**
 * Parses kubectl's selector syntax; empty text selects everything.
 * @throws SelectorError with upstream's wording
 */
export function parseLabelSelector(text: string): LabelPredicate {
  const requirements = text.trim() === '' ? [] : new Parser(text).requirements();
  return (labels = {}) => requirements.every((one) => matchesRequirement(one, labels));
}

/** Whether `labels` fit a LabelSelector. An empty selector fits everything, an absent one nothing, as upstream has it. */
export function matchesSelector(
  selector: LabelSelector | undefined,
  labels: Labels | undefined,
): boolean {
  if (!selector) return false;
  const expressions = selector.matchExpressions ?? [];
  return (
    matchesLabels(selector.matchLabels, labels) &&
    expressions.every((one) => matchesRequirement(one, labels ?? {}))
  );
}

/** Whether `labels` fit a plain map as in Service.spec.selector; an empty map fits everything. */
export function matchesLabels(selector: Labels | undefined, labels: Labels | undefined): boolean {
  return Object.entries(selector ?? {}).every(([key, value]) => labels?.[key] === value);
}

/** Whether `labels`, or the fields of a node, fit one requirement. */
export function matchesRequirement(
  { key, operator, values = [] }: NodeSelectorRequirement,
  labels: Labels,
): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      break;
  }
  return value !== undefined && Number(value) < Number(values[0]);
}

/** A LabelSelector as tables and `kubectl describe` show it: `app=web,tier in (a,b)`; `<none>` when it selects everything. */
export function selectorText(selector: LabelSelector | undefined): string {
  const equalities = Object.entries(selector?.matchLabels ?? {});
  const expressions = selector?.matchExpressions ?? [];
  const texts = [
    ...equalities.map(([key, value]) => ({ key, text: `${key}=${value}` })),
    ...expressions.map((one) => ({ key: one.key, text: expressionText(one) })),
  ].toSorted((left, right) => (left.key < right.key ? -1 : 1));
  return texts.length === 0 ? '<none>' : texts.map(({ text }) => text).join(',');
}

type Expression = NonNullable<LabelSelector['matchExpressions']>[number];

function expressionText({ key, operator, values = [] }: Expression): string {
  switch (operator) {
    case 'In':
      return `${key} in (${values.toSorted().join(',')})`;
    case 'NotIn':
      return `${key} notin (${values.toSorted().join(',')})`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      break;
  }
  return `!${key}`;
}

/** Reads requirements one token after the other. */
class Parser {
  readonly #tokens: readonly string[];
  #next = 0;

  constructor(text: string) {
    this.#tokens = text.match(/==|!=|[=!<>(),]|[^\s=!<>(),]+/g) ?? [];
  }

  requirements(): readonly NodeSelectorRequirement[] {
    const requirements = [this.#requirement()];
    while (this.#take(',')) requirements.push(this.#requirement());
    const rest = this.#peek();
    if (rest !== undefined) throw this.#unexpected(rest, "',' or 'end of string'");
    return requirements;
  }

  #requirement(): NodeSelectorRequirement {
    if (this.#take('!')) return { key: this.#word('identifier'), operator: 'DoesNotExist' };
    const key = this.#word('identifier');
    const operator = this.#peek();
    if (operator === undefined || operator === ',') return { key, operator: 'Exists' };
    this.#next += 1;
    switch (operator) {
      case '=':
      case '==':
        return { key, operator: 'In', values: [this.#value()] };
      case '!=':
        return { key, operator: 'NotIn', values: [this.#value()] };
      case 'in':
        return { key, operator: 'In', values: this.#list() };
      case 'notin':
        return { key, operator: 'NotIn', values: this.#list() };
      case '>':
        return { key, operator: 'Gt', values: [this.#value()] };
      case '<':
        return { key, operator: 'Lt', values: [this.#value()] };
      default:
        throw this.#unexpected(operator, 'in, notin, =, ==, !=, gt, lt');
    }
  }

  #list(): readonly string[] {
    if (!this.#take('(')) throw this.#unexpected(this.#peek() ?? '', "'('");
    const values = [this.#value()];
    while (this.#take(',')) values.push(this.#value());
    if (!this.#take(')')) throw this.#unexpected(this.#peek() ?? '', "',', or ')'");
    return values;
  }

  // An empty value is written by leaving it out: `app=` or `app in (,web)`.
  #value(): string {
    const token = this.#peek();
    return token === undefined || token === ',' || token === ')' ? '' : this.#word('identifier');
  }

  #word(expected: string): string {
    const token = this.#peek();
    if (token === undefined || /^[=!<>(),]/.test(token)) {
      throw this.#unexpected(token ?? '', expected);
    }
    this.#next += 1;
    return token;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#next];
  }

  #take(token: string): boolean {
    if (this.#peek() !== token) return false;
    this.#next += 1;
    return true;
  }

  #unexpected(found: string, expected: string): SelectorError {
    return new SelectorError(
      `unable to parse requirement: found '${found}', expected: ${expected}`,
    );
  }
}
