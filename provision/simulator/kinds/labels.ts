/** Label selectors, as text (`app=web,tier in (a,b)`) and as meta/v1 LabelSelector (Kubernetes documentation, "Labels and Selectors"). */
import type { Labels } from './object.ts';
import type { LabelSelector } from './types/apps.ts';

/** Whether labels fit a selector. */
export type LabelPredicate = (labels: Labels | undefined) => boolean;

/** Text that is not a label selector; the API server answers 400 with its message. */
export class SelectorError extends Error {
  readonly code = 'label-selector';
}

interface Requirement {
  readonly key: string;
  readonly operator: 'equals' | 'in' | 'notin' | 'exists' | 'absent' | 'greater' | 'less';
  readonly values: readonly string[];
}

/**
 * Parses kubectl's selector syntax; empty text selects everything.
 * @throws SelectorError with upstream's wording
 */
export function parseLabelSelector(text: string): LabelPredicate {
  const requirements = text.trim() === '' ? [] : new Parser(text).requirements();
  return (labels = {}) => requirements.every((requirement) => fits(requirement, labels));
}

/** Whether `labels` fit a LabelSelector. An empty selector fits everything, an absent one nothing, as upstream has it. */
export function matchesSelector(
  selector: LabelSelector | undefined,
  labels: Labels | undefined,
): boolean {
  return selector !== undefined && requirementsOf(selector).every((one) => fits(one, labels ?? {}));
}

/** Whether `labels` fit a plain map as in Service.spec.selector; an empty map fits everything. */
export function matchesLabels(selector: Labels | undefined, labels: Labels | undefined): boolean {
  return Object.entries(selector ?? {}).every(([key, value]) => labels?.[key] === value);
}

/** A LabelSelector as tables and `kubectl describe` show it: `app=web,tier in (a,b)`; `<none>` when it selects everything. */
export function selectorText(selector: LabelSelector | undefined): string {
  const texts = selector ? requirementsOf(selector).map(requirementText) : [];
  return texts.length === 0 ? '<none>' : texts.join(',');
}

function requirementsOf(selector: LabelSelector): readonly Requirement[] {
  const equalities = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({
    key,
    operator: 'equals' as const,
    values: [value],
  }));
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => ({
    key,
    operator: OPERATORS[operator],
    values,
  }));
  return [...equalities, ...expressions].toSorted((left, right) => (left.key < right.key ? -1 : 1));
}

const OPERATORS = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: 'absent',
} as const;

function fits({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = labels[key];
  switch (operator) {
    case 'equals':
    case 'in':
      return value !== undefined && values.includes(value);
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case 'absent':
      return value === undefined;
    case 'greater':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'less':
      break;
  }
  return value !== undefined && Number(value) < Number(values[0]);
}

function requirementText({ key, operator, values }: Requirement): string {
  switch (operator) {
    case 'equals':
      return `${key}=${values[0]}`;
    case 'in':
      return `${key} in (${values.toSorted().join(',')})`;
    case 'notin':
      return `${key} notin (${values.toSorted().join(',')})`;
    case 'exists':
      return key;
    case 'absent':
      return `!${key}`;
    case 'greater':
      return `${key}>${values[0]}`;
    case 'less':
      break;
  }
  return `${key}<${values[0]}`;
}

/** Reads requirements one token after the other. */
class Parser {
  readonly #tokens: readonly string[];
  #next = 0;

  constructor(text: string) {
    this.#tokens = text.match(/==|!=|[=!<>(),]|[^\s=!<>(),]+/g) ?? [];
  }

  requirements(): readonly Requirement[] {
    const requirements = [this.#requirement()];
    while (this.#take(',')) requirements.push(this.#requirement());
    const rest = this.#peek();
    if (rest !== undefined) throw this.#unexpected(rest, "',' or 'end of string'");
    return requirements;
  }

  #requirement(): Requirement {
    if (this.#take('!')) return { key: this.#word('identifier'), operator: 'absent', values: [] };
    const key = this.#word('identifier');
    const operator = this.#peek();
    if (operator === undefined || operator === ',') return { key, operator: 'exists', values: [] };
    this.#next += 1;
    switch (operator) {
      case '=':
      case '==':
        return { key, operator: 'in', values: [this.#value()] };
      case '!=':
        return { key, operator: 'notin', values: [this.#value()] };
      case 'in':
      case 'notin':
        return { key, operator, values: this.#list() };
      case '>':
        return { key, operator: 'greater', values: [this.#value()] };
      case '<':
        return { key, operator: 'less', values: [this.#value()] };
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
