/** The expressions of a policy, compiled once for all clusters that share it. */
import { compile, dyn, typeText, type CelType, type Compiled, type Program } from '../cel/index.ts';
import { isObject, listAt, stringAt } from '../json.ts';
import type { Json, JsonObject } from '../object.ts';
import { admissionVariables, withComposed, withObject } from './variables.ts';

/** An expression that is in order, or what is wrong with it. */
export type Expression =
  | { readonly type: 'program'; readonly program: Program }
  | { readonly type: 'broken'; readonly text: string; readonly problem: string };

export interface MatchCondition {
  readonly name: string;
  readonly expression: Expression;
}

export interface Validation {
  readonly validation: Json;
  readonly test: Expression;
  readonly message: Expression | undefined;
}

export interface CompiledPolicy {
  readonly matchConditions: readonly MatchCondition[];
  /** In the order in which they may read each other. */
  readonly variables: ReadonlyMap<string, Expression>;
  readonly validations: readonly Validation[];
  readonly auditAnnotations: readonly Expression[];
}

const policies = new WeakMap<JsonObject, CompiledPolicy>();

/** The expressions of a ValidatingAdmissionPolicy's spec. */
export function compilePolicy(spec: JsonObject): CompiledPolicy {
  const known = policies.get(spec);
  if (known) return known;
  const made = newPolicy(spec);
  policies.set(spec, made);
  return made;
}

function newPolicy(spec: JsonObject): CompiledPolicy {
  return compileFor(spec, dyn);
}

/** The same, for objects of a known type. */
export function compileFor(spec: JsonObject, object: CelType): CompiledPolicy {
  const hasParams = isObject(spec['paramKind']);
  const plain = withObject(admissionVariables({ hasParams, hasAuthorizer: true }), object);
  const fields = new Map<string, CelType>();
  const variables = new Map<string, Expression>();
  for (const variable of listAt(spec, 'variables')) {
    const name = stringAt(variable, 'name');
    // Each sees those before it only, so each is compiled with fields of its own.
    const expression = anyOf(
      compile(stringAt(variable, 'expression'), withComposed(plain, new Map(fields))),
      stringAt(variable, 'expression'),
    );
    variables.set(name, expression);
    if (expression.type === 'program') fields.set(name, expression.program.type);
  }
  const hasComposed = variables.size > 0;
  const full = hasComposed ? withComposed(plain, fields) : plain;
  const quiet = withObject(admissionVariables({ hasParams, hasAuthorizer: false }), object);
  const messages = hasComposed ? withComposed(quiet, fields) : quiet;
  return {
    matchConditions: compileConditions(listAt(spec, 'matchConditions'), hasParams),
    variables,
    validations: listAt(spec, 'validations').map((validation) => {
      const text = stringAt(validation, 'expression');
      const message = stringAt(validation, 'messageExpression');
      return {
        validation,
        test: wanted(compile(text, full), text, ['bool']),
        message:
          message.trim() === ''
            ? undefined
            : wanted(compile(message, messages), message, ['string']),
      };
    }),
    auditAnnotations: listAt(spec, 'auditAnnotations').map((annotation) => {
      const text = stringAt(annotation, 'valueExpression').trim();
      return wanted(compile(text, full), text, ['string', 'null_type']);
    }),
  };
}

/** The matchConditions of a policy or a webhook. */
export function compileConditions(
  conditions: readonly Json[],
  hasParams: boolean,
): readonly MatchCondition[] {
  const variables = admissionVariables({ hasParams, hasAuthorizer: true });
  return conditions.map((condition) => {
    const text = stringAt(condition, 'expression').trim();
    const expression = wanted(compile(text, variables), text, ['bool']);
    return { name: stringAt(condition, 'name'), expression };
  });
}

function anyOf(compiled: Compiled, text: string): Expression {
  if (compiled.type === 'program') return compiled;
  return { type: 'broken', text, problem: compiled.problem };
}

function wanted(compiled: Compiled, text: string, types: readonly string[]): Expression {
  const expression = anyOf(compiled, text);
  if (expression.type === 'broken') return expression;
  const found = nameOf(expression.program.type);
  if (types.includes(found)) return expression;
  const [first = ''] = types;
  const problem =
    types.length === 1
      ? `must evaluate to ${first} but got ${found}`
      : `must evaluate to one of [${types.join(' ')}] but got ${found}`;
  return { type: 'broken', text, problem };
}

/** Types of the library are named a little differently than in its messages. */
function nameOf(type: CelType): string {
  const text = typeText(type);
  return text === 'null' ? 'null_type' : text;
}
