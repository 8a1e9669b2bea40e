/** What an expression can cost at most, before there is a value (cel-go, checker/cost.go, and the estimator of apiserver, pkg/cel/library). */
import { isBinary, type Node } from '../syntax.ts';
import type { CelType } from '../type.ts';
import type { Bound } from './bounds.ts';
import { callCost } from './call-cost.ts';
import { times, type Estimate } from './size.ts';

type Locals = ReadonlyMap<string, Estimate>;

const LIST_COST = 10;
const MAP_COST = 30;
/** What each turn of a macro costs besides the expressions in it, and what the macro costs once. */
const LOOPS: Readonly<
  Record<string, { readonly turn: number; readonly once: number; readonly makesList: boolean }>
> = {
  all: { turn: 3, once: 1, makesList: false },
  exists: { turn: 4, once: 1, makesList: false },
  exists_one: { turn: 2, once: 2, makesList: false },
  existsOne: { turn: 2, once: 2, makesList: false },
  filter: { turn: 13, once: 11, makesList: true },
  map: { turn: 12, once: 11, makesList: true },
  transformList: { turn: 12, once: 11, makesList: true },
  transformMap: { turn: 4, once: 31, makesList: true },
};

export interface EstimateOptions {
  readonly typeOf: (node: Node) => CelType;
  /** Bounds of the variables. */
  readonly bounds: Readonly<Record<string, Bound>>;
}

export function estimate(root: Node, { typeOf, bounds }: EstimateOptions): Estimate {
  return part(root, new Map());

  function part(node: Node, locals: Locals): Estimate {
    if (isBinary(node)) return call(node, node.op, node.args, locals);
    switch (node.op) {
      case 'value':
        return { cost: 0, size: literalSize(node.args) };
      case 'id':
        return identifier(node.args, node, locals);
      case '.':
      case '.?':
        return select(node, node.args, locals);
      case 'list':
        return listOf(node.args, locals);
      case 'map':
        return mapOf(node.args, locals);
      case '?:':
        return conditional(node.args, locals);
      case 'call':
        return node.args[0] === 'has'
          ? has(node.args[1], locals)
          : call(node, node.args[0], node.args[1], locals);
      case 'rcall':
        return method(node, node.args, locals);
      case '!_':
      case '-_':
        break;
    }
    return call(node, node.op, [node.args], locals);
  }

  function identifier(name: string, node: Node, locals: Locals): Estimate {
    const local = locals.get(name);
    if (local) return { ...local, cost: 1 };
    const bound = Object.hasOwn(bounds, name) ? bounds[name] : undefined;
    return { cost: 1, size: bound?.size ?? plainSize(typeOf(node)), bound };
  }

  function select(node: Node, [operand, field]: [Node, string], locals: Locals): Estimate {
    const target = part(operand, locals);
    const { kind } = typeOf(operand);
    const bound = target.bound?.field(field);
    const size = bound?.size ?? plainSize(typeOf(node));
    return { cost: target.cost + (kind === 'dyn' ? 0 : 1), size, bound };
  }

  function has([arg]: readonly Node[], locals: Locals): Estimate {
    const isField = arg !== undefined && (arg.op === '.' || arg.op === '.?');
    return { cost: 1 + (isField ? part(arg.args[0], locals).cost : 0), size: 1 };
  }

  function listOf(nodes: readonly Node[], locals: Locals): Estimate {
    const items = nodes.map((node) => part(node, locals));
    return {
      cost: LIST_COST + costOf(items),
      size: items.length,
      elementSize: Math.max(0, ...items.map(({ size }) => size)),
    };
  }

  function mapOf(entries: readonly (readonly [Node, Node])[], locals: Locals): Estimate {
    const keys = entries.map(([key]) => part(key, locals));
    const values = entries.map(([, value]) => part(value, locals));
    return {
      cost: MAP_COST + costOf([...keys, ...values]),
      size: entries.length,
      elementSize: Math.max(0, ...values.map(({ size }) => size)),
    };
  }

  function conditional(nodes: readonly Node[], locals: Locals): Estimate {
    const [test, yes, no] = nodes.map((node) => part(node, locals));
    const branches = [yes, no].filter((one) => one !== undefined);
    return {
      cost: (test?.cost ?? 0) + Math.max(...branches.map(({ cost }) => cost)),
      size: Math.max(...branches.map(({ size }) => size)),
    };
  }

  function method(
    node: Node,
    [name, target, args]: [string, Node, Node[]],
    locals: Locals,
  ): Estimate {
    if (target.op === 'id' && target.args === 'cel' && name === 'bind') return bind(args, locals);
    const loop = Object.hasOwn(LOOPS, name) && args[0]?.op === 'id' ? LOOPS[name] : undefined;
    if (loop) return comprehension(loop, target, args, locals);
    return call(node, name, [target, ...args], locals);
  }

  function bind([variable, value, result]: readonly Node[], locals: Locals): Estimate {
    if (variable?.op !== 'id' || value === undefined || result === undefined) return unknown;
    const bound = part(value, locals);
    const after = part(result, new Map([...locals, [variable.args, bound]]));
    return { ...after, cost: LIST_COST + bound.cost + after.cost };
  }

  function comprehension(
    loop: (typeof LOOPS)[string],
    target: Node,
    args: readonly Node[],
    locals: Locals,
  ): Estimate {
    const range = part(target, locals);
    const names = args.slice(0, -1).flatMap((node) => (node.op === 'id' ? [node.args] : []));
    const isList = typeOf(target).kind === 'list';
    const element = { cost: 0, ...elementOf(range, isList || names.length > 1) };
    // The last variable stands for the item or the value; a first of two for its index or key.
    const inner = new Map(locals);
    for (const [i, name] of names.entries()) {
      inner.set(name, i === names.length - 1 ? element : { cost: 0, size: 1 });
    }
    const parts = args.slice(names.length).map((node) => part(node, inner));
    const turn = loop.turn + costOf(parts);
    return {
      cost: range.cost + loop.once + times(range.size, turn),
      size: loop.makesList ? range.size : 1,
      ...(loop.makesList && { elementSize: parts.at(-1)?.size }),
    };
  }

  /**
   * An item or a value; a key has no size that anything is known about, which counts as none. Where an item comes from
   * no part of the object, upstream takes the size of the object itself.
   */
  function elementOf(range: Estimate, isValue: boolean): Omit<Estimate, 'cost'> {
    const otherwise = bounds['self']?.size ?? 0;
    if (!isValue) return { size: range.bound ? 0 : (range.elementSize ?? otherwise) };
    const bound = range.bound?.element;
    return { size: bound?.size ?? range.elementSize ?? otherwise, bound };
  }

  function call(node: Node, name: string, nodes: readonly Node[], locals: Locals): Estimate {
    const args = nodes.map((one) => part(one, locals));
    const types = nodes.map(typeOf);
    const { cost, size } = callCost(name, args, types);
    const [first] = args;
    if ((name === '[]' || name === '[?]') && first) {
      return { cost: costOf(args) + cost, ...elementOf(first, true) };
    }
    return {
      cost: costOf(args) + cost,
      size: size ?? plainSize(typeOf(node)),
      ...(name === 'dyn' && { bound: first?.bound, elementSize: first?.elementSize }),
    };
  }
}

const unknown: Estimate = { cost: 1, size: Number.POSITIVE_INFINITY };

function costOf(parts: readonly Estimate[]): number {
  return parts.reduce((sum, { cost }) => sum + cost, 0);
}

function literalSize(value: unknown): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length;
  return 1;
}

const SIZED = ['string', 'bytes'];

function plainSize(type: CelType): number {
  return type.kind === 'simple' && !SIZED.includes(type.name) ? 1 : Number.POSITIVE_INFINITY;
}
