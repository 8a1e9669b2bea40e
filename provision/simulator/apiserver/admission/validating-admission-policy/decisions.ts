import type { CompiledPolicy } from '../../../kinds/admission-policies/index.ts';
import {
  EvaluationError,
  MESSAGE_LIMIT_BYTES,
  OBJECT_COST_LIMIT,
  toValue,
  type CelMap,
  type CelValue,
  type Variables,
} from '../../../kinds/cel/index.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { stringAt } from '../../objects/json.ts';
import { evaluate, matchConditions, type Budget } from '../expressions.ts';

/** Why a policy does not let a request pass. */
export interface Denial {
  readonly message: string;
  /** `Invalid` unless the policy says otherwise. */
  readonly reason: string;
}

/** What a policy has against a request; `isStrict` is its failurePolicy Fail: what cannot be evaluated denies. */
export function denialsOf(
  policy: CompiledPolicy,
  request: Variables,
  params: JsonObject | null,
  isStrict: boolean,
): readonly Denial[] {
  const given = params === null ? null : toValue(params);
  const plain: Variables = (name) => (name === 'params' ? given : request(name));
  const broken = (message: string) => (isStrict ? [{ message, reason: 'Invalid' }] : []);
  const budget = { left: OBJECT_COST_LIMIT };
  const matched = matchConditions(policy.matchConditions, plain, budget);
  if (matched.type === 'error') return broken(matched.message);
  if (matched.type === 'unmatched') return [];
  const composed = new ComposedVariables(policy.variables, plain, budget);
  const variables: Variables = (name) => (name === 'variables' ? composed : plain(name));
  const denials: Denial[] = [];
  for (const { validation, test, message } of policy.validations) {
    const result = evaluate(test, variables, budget);
    if (result.type === 'exhausted') return broken(result.message);
    if (result.type === 'error') denials.push(...broken(result.message));
    else if (result.value !== true) {
      const own = message && evaluate(message, variables, budget);
      const text = own?.type === 'value' ? usable(own.value) : undefined;
      const reason = stringAt(validation, 'reason') ?? 'Invalid';
      denials.push({ message: text ?? fixedMessage(validation), reason });
    }
  }
  return [...denials, ...annotationDenials(policy, variables).flatMap(broken)];
}

function usable(value: CelValue): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  const isFit = !text.includes('\n') && Buffer.byteLength(text) <= MESSAGE_LIMIT_BYTES;
  return isFit && text !== '' ? text : undefined;
}

function fixedMessage(validation: Json): string {
  const message = stringAt(validation, 'message')?.trim() ?? '';
  if (message !== '') return message;
  return `failed expression: ${stringAt(validation, 'expression')?.trim() ?? ''}`;
}

/** Audit annotations go nowhere here, but what is wrong with one counts. */
function annotationDenials(policy: CompiledPolicy, variables: Variables): readonly string[] {
  const budget = { left: OBJECT_COST_LIMIT };
  return policy.auditAnnotations.flatMap((annotation) => {
    const result = evaluate(annotation, variables, budget);
    return result.type === 'value' ? [] : [result.message];
  });
}

/** The variable `variables`: each field is evaluated when it is read for the first time. */
class ComposedVariables implements CelMap {
  readonly isMap = true;
  readonly #expressions: CompiledPolicy['variables'];
  readonly #outer: Variables;
  readonly #budget: Budget;
  readonly #values = new Map<string, CelValue>();

  constructor(expressions: CompiledPolicy['variables'], outer: Variables, budget: Budget) {
    this.#expressions = expressions;
    this.#outer = outer;
    this.#budget = budget;
  }

  get size() {
    return this.#expressions.size;
  }

  keys() {
    return [...this.#expressions.keys()];
  }

  get(key: CelValue) {
    if (typeof key !== 'string') return undefined;
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const expression = this.#expressions.get(key);
    if (expression === undefined) return undefined;
    const variables: Variables = (name) => (name === 'variables' ? this : this.#outer(name));
    const outcome =
      expression.type === 'program' ? expression.program.evaluate(variables) : undefined;
    if (outcome) this.#budget.left -= outcome.cost;
    if (outcome?.type !== 'value') {
      const why = outcome?.message ?? 'compilation error';
      throw new EvaluationError(`composited variable "${key}" fails to evaluate: ${why}`);
    }
    this.#values.set(key, outcome.value);
    return outcome.value;
  }
}
