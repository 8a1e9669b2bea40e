/** Label selectors, as text (`app=web,tier in (a,b)`) and as meta/v1 LabelSelector (Kubernetes documentation, "Labels and Selectors"). */
import type { Labels } from '../object.ts';
import type { LabelSelector } from '../types/apps.ts';
import type { NodeSelectorRequirement } from '../types/core.ts';
import { labelValueProblems, qualifiedNameProblems } from '../validation/fields/names.ts';

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
  const requirements = new Parser(text).requirements();
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

type TokenType = 'identifier' | 'symbol' | 'end';

interface Token {
  readonly type: TokenType;
  readonly text: string;
}

const END: Token = { type: 'end', text: '' };
const SYMBOLS = /^(?:==|!=|[=!<>(),])/;
const OPERATORS = 'in, notin, =, ==, !=, gt, lt';

function tokensOf(text: string): readonly Token[] {
  const texts = text.match(/==|!=|[=!<>(),]|[^\s=!<>(),]+/g) ?? [];
  return texts.map((one) => ({ type: SYMBOLS.test(one) ? 'symbol' : 'identifier', text: one }));
}

/** Reads requirements one token after the other (apimachinery, pkg/labels: Parser). */
class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  requirements(): readonly NodeSelectorRequirement[] {
    const requirements: NodeSelectorRequirement[] = [];
    while (this.#peek().type !== 'end') {
      if (!this.#isRequirementNext()) {
        throw unexpected(this.#peek().text, "!, identifier, or 'end of string'");
      }
      requirements.push(this.#requirement());
      const { type, text } = this.#take();
      if (type === 'end') break;
      if (text !== ',') throw unexpected(text, "',' or 'end of string'");
      if (!this.#isRequirementNext()) throw unexpected(this.#peek().text, "identifier after ','");
    }
    return requirements;
  }

  #isRequirementNext(): boolean {
    const { type, text } = this.#peek();
    return type === 'identifier' || text === '!';
  }

  #requirement(): NodeSelectorRequirement {
    try {
      const requirement = this.#parsed();
      const problems = requirementProblems(requirement);
      if (problems.length > 0) throw new SelectorError(joined(problems));
      return requirement;
    } catch (error) {
      if (!(error instanceof SelectorError)) throw error;
      throw new SelectorError(`unable to parse requirement: ${error.message}`);
    }
  }

  #parsed(): NodeSelectorRequirement {
    const isAbsent = this.#peek().text === '!';
    if (isAbsent) this.#next += 1;
    const { type, text: key } = this.#take();
    if (type !== 'identifier') throw unexpected(key, 'identifier');
    const [problem] = keyProblems(key, '<nil>');
    if (problem !== undefined) throw new SelectorError(problem);
    if (isAbsent) return { key, operator: 'DoesNotExist' };
    const next = this.#peek();
    if (next.type === 'end' || next.text === ',') return { key, operator: 'Exists' };
    const { text: operator } = this.#take();
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
        throw unexpected(operator, OPERATORS);
    }
  }

  #list(): readonly string[] {
    const open = this.#take();
    if (open.text !== '(') throw new SelectorError(`found '${open.text}' expected: '('`);
    const first = this.#peek();
    if (first.text === ')') {
      this.#next += 1;
      return [''];
    }
    if (first.type !== 'identifier' && first.text !== ',') {
      throw unexpected(first.text, "',', ')' or identifier");
    }
    const values = new Set<string>();
    while (this.#peek().text !== ')') this.#item(values);
    this.#next += 1;
    return [...values].toSorted();
  }

  /** An item of a list, or a comma, around which items may be left out. */
  #item(values: Set<string>): void {
    const { type, text } = this.#take();
    const next = this.#peek();
    if (type === 'identifier') {
      values.add(text);
      if (next.text !== ',' && next.text !== ')') throw unexpected(next.text, "',' or ')'");
    } else if (text === ',') {
      if (values.size === 0 || next.text === ')' || next.text === ',') values.add('');
    } else {
      throw unexpected(text, "',', or identifier");
    }
  }

  // An empty value is written by leaving it out: `app=`.
  #value(): string {
    const next = this.#peek();
    if (next.type === 'end' || next.text === ',') return '';
    const { type, text } = this.#take();
    if (type !== 'identifier') throw unexpected(text, 'identifier');
    return text;
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? END;
  }

  #take(): Token {
    const token = this.#peek();
    this.#next += 1;
    return token;
  }
}

function unexpected(found: string, expected: string): SelectorError {
  return new SelectorError(`found '${found}', expected: ${expected}`);
}

function requirementProblems({
  key,
  operator,
  values = [],
}: NodeSelectorRequirement): readonly string[] {
  const isNumeric = operator === 'Gt' || operator === 'Lt';
  return [
    ...keyProblems(key, 'key'),
    ...values.flatMap((value, index) => {
      const problems = labelValueProblems(value);
      const why = "for 'Gt', 'Lt' operators, the value must be an integer";
      return [
        ...(isNumeric && !/^[+-]?\d+$/.test(value) ? [wrong(`values[${index}]`, value, why)] : []),
        ...(problems.length > 0
          ? [wrong(`values[${index}][${key}]`, value, problems.join('; '))]
          : []),
      ];
    }),
  ];
}

function keyProblems(key: string, field: string): readonly string[] {
  const problems = qualifiedNameProblems(key);
  return problems.length > 0 ? [wrong(field, key, problems.join('; '))] : [];
}

function wrong(field: string, value: string, why: string): string {
  return `${field}: Invalid value: ${JSON.stringify(value)}: ${why}`;
}

function joined(problems: readonly string[]): string {
  return problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`;
}
