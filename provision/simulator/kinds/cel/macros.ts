/** has(), all(), map() and the like (CEL language definition, "Macros"), with one and two variables. */
import type { Frame, Run } from './frame.ts';
import { operatorOffset, type Node } from './syntax.ts';
import * as types from './type.ts';
import { isAssignable, isLoose, typeText, type CelType } from './type.ts';
import { attempt, type Scope, type Typed } from './typed.ts';
import {
  CelList,
  CelOptional,
  EvaluationError,
  isMap,
  LiteralMap,
  type CelValue,
} from './value.ts';

/** What macros need of the checker. */
export interface MacroContext {
  readonly text: string;
  newSlot(): number;
  check(node: Node, scope: Scope): Typed;
  fail(offset: number, message: string): Typed;
  fieldType(target: CelType, field: string, offset: number): CelType;
  noOverload(name: string, offset: number, args: readonly Typed[], isMember?: boolean): Typed;
}

export interface MacroCall {
  readonly name: string;
  readonly args: readonly Node[];
  readonly node: Node;
  /** Undefined for `name(…)`. */
  readonly target: Node | undefined;
}

/** The meaning of a call that is a macro; undefined for an ordinary call. */
export function expandCall(
  context: MacroContext,
  call: MacroCall,
  scope: Scope,
): Typed | undefined {
  const { name, args, target } = call;
  if (target === undefined) {
    return name === 'has' && args.length === 1 ? has(context, args, scope) : undefined;
  }
  if (target.op === 'id' && target.args === 'cel' && name === 'bind' && args.length === 3) {
    return bind(context, args, scope);
  }
  if ((name === 'optMap' || name === 'optFlatMap') && args.length === 2) {
    return optionalMap(context, call, scope);
  }
  const loop = Object.hasOwn(LOOPS, name) ? LOOPS[name] : undefined;
  return loop?.arities.includes(args.length) ? comprehension(context, call, scope) : undefined;
}

function has(context: MacroContext, [arg]: readonly Node[], scope: Scope): Typed | undefined {
  if (arg === undefined) return undefined;
  if (arg.op !== '.' && arg.op !== '.?') {
    return context.fail(arg.pos, 'invalid argument to has() macro');
  }
  const [operand, field] = arg.args;
  const target = context.check(operand, scope);
  const offset = operatorOffset(context.text, operand.end, '.');
  context.fieldType(target.type, field, offset);
  return {
    type: types.bool,
    run: (frame) => {
      frame.meter.spend(1);
      const value = target.run(frame);
      const inner = value instanceof CelOptional ? value.value : value;
      if (inner === undefined) return false;
      if (!isMap(inner)) throw new EvaluationError('no such overload');
      return inner.get(field) !== undefined;
    },
  };
}

function bind(context: MacroContext, args: readonly Node[], scope: Scope): Typed | undefined {
  const [variable, value, result] = args;
  if (variable === undefined || value === undefined || result === undefined) return undefined;
  if (variable.op !== 'id') {
    return context.fail(variable.pos, 'cel.bind() variable names must be simple identifiers');
  }
  const bound = context.check(value, scope);
  const slot = context.newSlot();
  const inner = { name: variable.args, type: bound.type, slot, outer: scope };
  const { type, run } = context.check(result, inner);
  return {
    type,
    run: (frame) => {
      frame.slots[slot] = bound.run(frame);
      return run(frame);
    },
  };
}

function optionalMap(
  context: MacroContext,
  { name, args, target: operand }: MacroCall,
  scope: Scope,
): Typed | undefined {
  const [variable, result] = args;
  if (operand === undefined || variable === undefined || result === undefined) return undefined;
  if (variable.op !== 'id') {
    return context.fail(variable.pos, `${name}() variable name must be a simple identifier`);
  }
  const target = context.check(operand, scope);
  const slot = context.newSlot();
  const type = target.type.kind === 'optional' ? target.type.of : types.dyn;
  const made = context.check(result, { name: variable.args, type, slot, outer: scope });
  const isFlat = name === 'optFlatMap';
  return {
    type: isFlat ? made.type : types.optionalOf(made.type),
    run: (frame) => {
      const value = target.run(frame);
      if (!(value instanceof CelOptional)) throw new EvaluationError('no such overload');
      if (value.value === undefined) return value;
      frame.slots[slot] = value.value;
      const after = made.run(frame);
      return isFlat ? after : new CelOptional(after);
    },
  };
}

/** What a loop does with its steps. */
interface Loop {
  /** Numbers of arguments it takes. */
  readonly arities: readonly number[];
  /** How many of the arguments, from the end, are no variables: a filter and a result, or only one of them. */
  readonly expressions: (arity: number) => 1 | 2;
  readonly isPredicate: boolean;
  readonly result: (last: CelType, key: CelType, element: CelType) => CelType;
  readonly run: (loop: Steps, frame: Frame) => CelValue;
}

/** The items of a loop and what is evaluated for each. */
interface Steps {
  readonly items: readonly Item[];
  readonly test: (item: Item) => CelValue | EvaluationError;
  readonly result: (item: Item) => CelValue;
}

interface Item {
  readonly first: CelValue;
  readonly second: CelValue;
}

const one = (arities: readonly number[]) => ({ arities, expressions: () => 1 as const });

const LOOPS: Readonly<Record<string, Loop>> = {
  all: {
    ...one([2, 3]),
    isPredicate: true,
    result: () => types.bool,
    run: (steps) => decide(steps, false),
  },
  exists: {
    ...one([2, 3]),
    isPredicate: true,
    result: () => types.bool,
    run: (steps) => decide(steps, true),
  },
  exists_one: {
    ...one([2, 3]),
    isPredicate: true,
    result: () => types.bool,
    run: (steps) => passing(steps).length === 1,
  },
  existsOne: {
    ...one([2, 3]),
    isPredicate: true,
    result: () => types.bool,
    run: (steps) => passing(steps).length === 1,
  },
  filter: {
    ...one([2]),
    isPredicate: true,
    result: (_last, _key, element) => types.listOf(element),
    run: (steps) => new CelList(passing(steps).map(({ first }) => first)),
  },
  map: {
    arities: [2, 3],
    expressions: (arity) => (arity === 3 ? 2 : 1),
    isPredicate: false,
    result: (last) => types.listOf(last),
    run: (steps) => new CelList(passing(steps).map(steps.result)),
  },
  transformList: {
    arities: [3, 4],
    expressions: (arity) => (arity === 4 ? 2 : 1),
    isPredicate: false,
    result: (last) => types.listOf(last),
    run: (steps) => new CelList(passing(steps).map(steps.result)),
  },
  transformMap: {
    arities: [3, 4],
    expressions: (arity) => (arity === 4 ? 2 : 1),
    isPredicate: false,
    result: (last, key) => types.mapOf(key, last),
    run: (steps) =>
      new LiteralMap(passing(steps).map((item) => [item.first, steps.result(item)] as const)),
  },
};

function comprehension(context: MacroContext, call: MacroCall, scope: Scope): Typed | undefined {
  const { name, args, target: operand } = call;
  const loop = LOOPS[name];
  if (loop === undefined || operand === undefined) return undefined;
  const range = context.check(operand, scope);
  const expressions = loop.expressions(args.length);
  const variables = args.slice(0, args.length - expressions);
  const wrong = variables.find((node) => node.op !== 'id');
  if (wrong) return context.fail(wrong.pos, 'argument must be a simple name');
  const elements = elementTypes(range.type, variables.length);
  if (elements === undefined) {
    const words = `expression of type '${typeText(range.type)}' cannot be range of a comprehension (must be list, map, or dynamic)`;
    return context.fail(operand.pos, words);
  }
  const { slots, inner } = entered(context, variables, elements, scope);
  const parts = args.slice(-expressions).map((node) => context.check(node, inner));
  const test = loop.isPredicate || expressions === 2 ? parts[0] : undefined;
  const last = parts.at(-1);
  if (test && !isAssignable(types.bool, test.type)) {
    const boolean = { type: types.bool, run: test.run };
    return context.noOverload(...predicateMistake(context, call, [boolean, test]));
  }
  return {
    type: resultType(loop, last, variables.length === 1 ? elements.slice(0, 1) : elements),
    run: looping({ range: range.run, slots, test: test?.run, last: last?.run }, loop),
  };
}

function resultType(loop: Loop, last: Typed | undefined, elements: readonly CelType[]): CelType {
  const [key = types.dyn, element = key] = elements;
  return loop.result(last?.type ?? types.dyn, key, element);
}

/** The scope inside of a loop, and where its variables stand. */
function entered(
  context: MacroContext,
  variables: readonly Node[],
  elements: readonly CelType[],
  outer: Scope,
): { readonly slots: readonly number[]; readonly inner: Scope } {
  const slots: number[] = [];
  let inner = outer;
  for (const [i, node] of variables.entries()) {
    if (node.op !== 'id') continue;
    const slot = context.newSlot();
    slots.push(slot);
    inner = { name: node.args, type: elements[i] ?? types.dyn, slot, outer: inner };
  }
  return { slots, inner };
}

function predicateMistake(
  { text }: MacroContext,
  { name, target }: MacroCall,
  parts: readonly Typed[],
): [string, number, readonly Typed[]] {
  const offset = operatorOffset(text, operatorOffset(text, target?.end ?? 0, '.'), '(');
  if (name === 'all') return ['_&&_', offset, parts];
  if (name === 'exists') return ['_||_', offset, parts];
  return ['_?_:_', offset, parts.slice(1)];
}

/** With one variable: items of a list, keys of a map; with two: index and item, key and value. */
function elementTypes(range: CelType, count: number): readonly CelType[] | undefined {
  if (isLoose(range)) return [types.dyn, types.dyn];
  if (range.kind === 'list') return count === 1 ? [range.element] : [types.int, range.element];
  if (range.kind === 'map') return [range.key, range.value];
  return undefined;
}

interface LoopRuns {
  readonly range: Run;
  readonly slots: readonly number[];
  readonly test: Run | undefined;
  readonly last: Run | undefined;
}

function looping({ range, slots, test, last }: LoopRuns, loop: Loop): Run {
  return (frame) => {
    const items = itemsOf(range(frame), slots.length);
    const enter = ({ first, second }: Item) => {
      frame.meter.spend(1);
      const [a = 0, b] = slots;
      frame.slots[a] = first;
      if (b !== undefined) frame.slots[b] = second;
    };
    return loop.run(
      {
        items,
        test: (item) => {
          enter(item);
          return test ? attempt(test, frame) : true;
        },
        result: (item) => {
          enter(item);
          return last ? last(frame) : null;
        },
      },
      frame,
    );
  };
}

function itemsOf(range: CelValue, count: number): readonly Item[] {
  if (range instanceof CelList) {
    return range.items.map((item, i) =>
      count === 1 ? { first: item, second: null } : { first: BigInt(i), second: item },
    );
  }
  if (isMap(range)) {
    return range.keys().map((key) => ({ first: key, second: range.get(key) ?? null }));
  }
  throw new EvaluationError('no such overload');
}

/** all() and exists(): an item that decides hides the errors of others. */
function decide({ items, test }: Steps, deciding: boolean): boolean {
  let error: EvaluationError | undefined;
  for (const item of items) {
    const value = test(item);
    if (value === deciding) return deciding;
    if (value instanceof EvaluationError) error ??= value;
    else if (value !== !deciding) error ??= new EvaluationError('no such overload');
  }
  if (error) throw error;
  return !deciding;
}

function passing({ items, test }: Steps): readonly Item[] {
  return items.filter((item) => {
    const value = test(item);
    if (value instanceof EvaluationError) throw value;
    if (typeof value !== 'boolean') throw new EvaluationError('no such overload');
    return value;
  });
}
