/** Checks the types of an expression and makes a function of it (CEL language definition, "Type checking"). */
import { patternProblem } from '../../pattern.ts';
import type { Frame, Run } from './frame.ts';
import type { Issue } from './issues.ts';
import { expandCall, type MacroContext } from './macros.ts';
import { checkedInt } from './operators.ts';
import type { Overload } from './overload.ts';
import { resolve } from './resolve.ts';
import { isBinary, operatorOffset, type BinaryNode, type Node } from './syntax.ts';
import * as types from './type.ts';
import { isAssignable, isLoose, typeText, type CelType } from './type.ts';
import { attempt, type Scope, type Typed } from './typed.ts';
import {
  CelList,
  CelOptional,
  EvaluationError,
  isMap,
  LiteralMap,
  TypeValue,
  Uint,
  type CelValue,
} from './value.ts';

/** What an expression may name. */
export interface Names {
  /** The type of a variable; names may have dots. */
  readonly variable: (name: string) => CelType | undefined;
  /** Functions, methods and operators of one name. */
  readonly overloads: (name: string) => readonly Overload[];
  /** The type that a name such as `int` stands for. */
  readonly typeNamed: (name: string) => CelType | undefined;
}

export class Checker implements MacroContext {
  readonly issues: Issue[] = [];
  /** Names of variables that the expression reads. */
  readonly used = new Set<string>();
  /** The types of the parts that were checked. */
  readonly types = new Map<Node, CelType>();
  /** What is wrong with the first regular expression that is written in the text and cannot be read. */
  patternProblem: string | undefined;
  readonly text: string;
  readonly #names: Names;
  #slots = 0;

  constructor(text: string, names: Names) {
    this.text = text;
    this.#names = names;
  }

  newSlot(): number {
    return this.#slots++;
  }

  check(node: Node, scope: Scope): Typed {
    const typed = this.#check(node, scope);
    this.types.set(node, typed.type);
    return typed;
  }

  #check(node: Node, scope: Scope): Typed {
    if (isBinary(node)) return this.#binary(node, scope);
    switch (node.op) {
      case 'value':
        return literal(node.args) ?? this.fail(node.start, 'invalid int literal');
      case 'id':
        return this.#identifier(node.args, node.start, scope);
      case '.':
        return this.#select(node, node.args, scope);
      case '.?':
        return this.#optionalSelect(node.args, scope);
      case 'call':
        return this.#call(node, node.args, scope);
      case 'rcall':
        return this.#methodCall(node, node.args, scope);
      case 'list':
        return this.#list(node.args, scope);
      case 'map':
        return this.#map(node.args, scope);
      case '?:':
        return this.#conditional(node.args, scope);
      case '!_':
      case '-_':
        break;
    }
    return this.#unary(node, scope);
  }

  fail(offset: number, message: string): Typed {
    this.issues.push({ offset, message });
    return failed;
  }

  #identifier(name: string, offset: number, scope: Scope): Typed {
    const found = this.#named(name, scope);
    return found ?? this.fail(offset, `undeclared reference to '${name}' (in container '')`);
  }

  #named(name: string, scope: Scope): Typed | undefined {
    for (let one = scope; one !== undefined; one = one.outer) {
      if (one.name === name) {
        const { slot, type } = one;
        return { type, run: ({ slots }) => slots[slot] ?? null };
      }
    }
    const type = this.#names.variable(name);
    if (type !== undefined) {
      this.used.add(name);
      return { type, run: (frame) => variableOf(frame, name) };
    }
    const of = this.#names.typeNamed(name);
    return of && constant({ kind: 'type', of }, new TypeValue(name));
  }

  #select(node: Node, [operand, field]: [Node, string], scope: Scope): Typed {
    const qualified = qualifiedName(node);
    const root = qualified?.slice(0, qualified.indexOf('.')) ?? '';
    if (qualified !== undefined && !isBound(root, scope)) {
      const found = this.#named(qualified, undefined);
      if (found) return found;
    }
    const target = this.check(operand, scope);
    const offset = operatorOffset(this.text, operand.end, '.');
    const type = this.fieldType(target.type, field, offset);
    return { type, run: selecting(target.run, field) };
  }

  /** The type of a field; what is wrong with it is noted. */
  fieldType(target: CelType, field: string, offset: number): CelType {
    if (isLoose(target)) return target;
    if (target.kind === 'map') return target.value;
    if (target.kind === 'optional') {
      return types.optionalOf(this.fieldType(target.of, field, offset));
    }
    if (target.kind === 'object') {
      return target.field(field) ?? this.fail(offset, `undefined field '${field}'`).type;
    }
    const words = `type '${typeText(target)}' does not support field selection`;
    return this.fail(offset, words).type;
  }

  #optionalSelect([operand, field]: [Node, string], scope: Scope): Typed {
    const target = this.check(operand, scope);
    const offset = operatorOffset(this.text, operand.end, '.');
    const inner = target.type.kind === 'optional' ? target.type.of : target.type;
    const type = this.fieldType(inner, field, offset);
    return {
      type: types.optionalOf(type),
      run: (frame) => {
        frame.meter.spend(1);
        return optionalField(target.run(frame), field);
      },
    };
  }

  #call(node: Node, [name, args]: [string, Node[]], scope: Scope): Typed {
    const macro = expandCall(this, { name, args, node, target: undefined }, scope);
    if (macro) return macro;
    const offset = operatorOffset(this.text, node.start + name.length, '(');
    return this.#resolved(
      name,
      offset,
      args.map((arg) => this.check(arg, scope)),
    );
  }

  #methodCall(node: Node, [name, target, args]: [string, Node, Node[]], scope: Scope): Typed {
    const macro = expandCall(this, { name, args, node, target }, scope);
    if (macro) return macro;
    const offset = operatorOffset(this.text, operatorOffset(this.text, target.end, '.'), '(');
    const qualified = qualifiedName(target);
    const whole = `${qualified}.${name}`;
    const checked = () => args.map((arg) => this.check(arg, scope));
    if (qualified !== undefined && this.#overloads(whole, false).length > 0) {
      return this.#resolved(whole, offset, checked());
    }
    // The values of format() may be of any types, unlike those of other lists.
    const [first] = args;
    const given =
      name === 'format' && first?.op === 'list' ? [this.#list(first.args, scope, true)] : checked();
    return this.#resolved(name, offset, [this.check(target, scope), ...given], true);
  }

  #overloads(name: string, isMember: boolean): readonly Overload[] {
    return this.#names.overloads(name).filter((one) => one.isMember === isMember);
  }

  #resolved(name: string, offset: number, args: readonly Typed[], isMember = false): Typed {
    const overloads = this.#overloads(name, isMember);
    if (overloads.length === 0) {
      return this.fail(offset, `undeclared reference to '${name}' (in container '')`);
    }
    if (args.some(({ type }) => type.kind === 'error')) return failed;
    const found = resolve(name, overloads, args);
    const pattern = PATTERN_FUNCTIONS.has(name) ? args[1]?.constant : undefined;
    if (typeof pattern === 'string') this.patternProblem ??= patternProblem(pattern);
    return found ?? this.noOverload(name, offset, args, isMember);
  }

  noOverload(name: string, offset: number, args: readonly Typed[], isMember = false): Typed {
    if (args.some(({ type }) => type.kind === 'error')) return failed;
    const [first, ...rest] = args.map(({ type }) => typeText(type));
    const signature = isMember
      ? `${first}.(${rest.join(', ')})`
      : `(${[first, ...rest].filter((one) => one !== undefined).join(', ')})`;
    return this.fail(offset, `found no matching overload for '${name}' applied to '${signature}'`);
  }

  #list(nodes: readonly Node[], scope: Scope, isMixed = false): Typed {
    const items = nodes.map((node) => this.check(node, scope));
    const element = isMixed ? types.dyn : this.#common(nodes, items);
    return {
      type: types.listOf(element),
      run: (frame) => {
        frame.meter.spend(1 + items.length / 10);
        return new CelList(items.map(({ run }) => run(frame)));
      },
    };
  }

  #map(entries: readonly [Node, Node][], scope: Scope): Typed {
    const keys = entries.map(([key]) => this.check(key, scope));
    const values = entries.map(([, value]) => this.check(value, scope));
    const type = types.mapOf(
      this.#common(
        entries.map(([key]) => key),
        keys,
      ),
      this.#common(
        entries.map(([, value]) => value),
        values,
      ),
    );
    return {
      type,
      run: (frame) => {
        frame.meter.spend(1 + keys.length / 10);
        return new LiteralMap(
          keys.map(({ run }, i) => [run(frame), values[i]?.run(frame) ?? null] as const),
        );
      },
    };
  }

  /** The one type that all items of a literal must have. */
  #common(nodes: readonly Node[], items: readonly Typed[]): CelType {
    let common: CelType | undefined;
    for (const [i, { type }] of items.entries()) {
      if (common === undefined) common = type;
      else if (isLoose(common) || isLoose(type)) common = types.dyn;
      else if (isAssignable(type, common)) common = type;
      else if (!isAssignable(common, type)) {
        const words = `expected type '${typeText(common)}' but found '${typeText(type)}'`;
        return this.fail(nodes[i]?.pos ?? 0, words).type;
      }
    }
    return common ?? types.dyn;
  }

  #conditional([test, left, right]: [Node, Node, Node], scope: Scope): Typed {
    const parts = [test, left, right].map((node) => this.check(node, scope));
    const [condition = failed, yes = failed, no = failed] = parts;
    const type = joined(yes.type, no.type);
    if (!isAssignable(types.bool, condition.type) || type === undefined) {
      return this.noOverload('_?_:_', operatorOffset(this.text, test.end, '?'), parts);
    }
    return {
      type,
      run: (frame) => {
        const value = condition.run(frame);
        if (typeof value !== 'boolean') throw new EvaluationError('no such overload');
        return value ? yes.run(frame) : no.run(frame);
      },
    };
  }

  #logical(node: Extract<Node, { op: '||' | '&&' }>, scope: Scope): Typed {
    const operands = operandsOf(node, node.op);
    const parts = operands.map((operand) => this.check(operand, scope));
    const wrong = parts.findIndex(({ type }) => !isAssignable(types.bool, type));
    if (wrong >= 0) {
      const at = Math.max(wrong, 1);
      const offset = operatorOffset(this.text, operands[at - 1]?.end ?? 0, node.op);
      return this.noOverload(`_${node.op}_`, offset, parts.slice(at - 1, at + 1));
    }
    const runs = parts.map(({ run }) => run);
    return { type: types.bool, run: shortCut(runs, node.op === '||') };
  }

  #unary(node: Extract<Node, { op: '!_' | '-_' }>, scope: Scope): Typed {
    const { op, args } = node;
    if (op === '-_' && args.op === 'value' && typeof args.args === 'bigint') {
      if (args.args > 2n ** 63n) return this.fail(node.start, 'invalid int literal');
      return constant(types.int, checkedInt(-args.args));
    }
    return this.#resolved(op, node.start, [this.check(args, scope)]);
  }

  #binary(node: BinaryNode, scope: Scope): Typed {
    if (node.op === '||' || node.op === '&&') return this.#logical(node, scope);
    const [left, right] = node.args;
    const { operator, name } = operatorOf(node.op);
    const args = [this.check(left, scope), this.check(right, scope)];
    return this.#resolved(name, operatorOffset(this.text, left.end, operator), args);
  }
}

const failed: Typed = { type: types.errorType, run: () => null };

/** Undefined for a number that is no int. */
function literal(value: Extract<Node, { op: 'value' }>['args']): Typed | undefined {
  if (value === null) return constant(types.nullType, null);
  if (typeof value === 'string') return constant(types.string, value);
  if (typeof value === 'boolean') return constant(types.bool, value);
  if (typeof value === 'number') return constant(types.double, value);
  if (typeof value === 'bigint') return value < 2n ** 63n ? constant(types.int, value) : undefined;
  if (value instanceof Uint8Array) return constant(types.bytes, value);
  return constant(types.uint, new Uint(value.valueOf()));
}

const PATTERN_FUNCTIONS = new Set(['matches', 'find', 'findAll']);

function constant(type: CelType, value: CelValue): Typed {
  return { type, run: () => value, constant: value };
}

function operatorOf(op: string): { readonly operator: string; readonly name: string } {
  if (op === '[]') return { operator: '[', name: '_[_]' };
  if (op === '[?]') return { operator: '[', name: '_[?_]' };
  return { operator: op, name: op === 'in' ? '@in' : `_${op}_` };
}

function variableOf({ variables, meter }: Frame, name: string): CelValue {
  meter.spend(1);
  const value = variables(name);
  if (value === undefined) throw new EvaluationError(`no such attribute(s): ${name}`);
  return value;
}

/** `a.b.c` as a name; undefined for everything else. */
function qualifiedName(node: Node): string | undefined {
  if (node.op === 'id') return node.args;
  if (node.op !== '.') return undefined;
  const outer = qualifiedName(node.args[0]);
  return outer === undefined ? undefined : `${outer}.${node.args[1]}`;
}

function isBound(name: string, scope: Scope): boolean {
  for (let one = scope; one !== undefined; one = one.outer) if (one.name === name) return true;
  return false;
}

function selecting(run: Run, field: string): Run {
  return (frame) => {
    frame.meter.spend(1);
    const target = run(frame);
    if (target instanceof CelOptional) return optionalField(target, field);
    const value =
      typeof target === 'object' && target !== null && isMap(target)
        ? target.get(field)
        : undefined;
    if (value === undefined) throw new EvaluationError(`no such key: ${field}`);
    return value;
  };
}

function optionalField(target: CelValue, field: string): CelOptional {
  const inner = target instanceof CelOptional ? target.value : target;
  return new CelOptional(inner !== undefined && isMap(inner) ? inner.get(field) : undefined);
}

function joined(left: CelType, right: CelType): CelType | undefined {
  if (isLoose(left) || isLoose(right)) return types.dyn;
  if (isAssignable(left, right)) return left;
  return isAssignable(right, left) ? right : undefined;
}

/** The operands of a chain of the same operator, so that long chains are no deep calls. */
function operandsOf(node: Node, op: '||' | '&&'): readonly Node[] {
  const operands: Node[] = [];
  let here = node;
  while (here.op === op) {
    operands.unshift(here.args[1]);
    [here] = here.args;
  }
  return [here, ...operands];
}

/** An operand that decides hides errors of the others, whichever side they are on. */
function shortCut(runs: readonly Run[], deciding: boolean): Run {
  return (frame) => {
    let error: EvaluationError | undefined;
    for (const run of runs) {
      const value = attempt(run, frame);
      if (value === deciding) return deciding;
      if (value instanceof EvaluationError) error ??= value;
      else if (value !== !deciding) error ??= new EvaluationError('no such overload');
    }
    if (error) throw error;
    return !deciding;
  };
}
