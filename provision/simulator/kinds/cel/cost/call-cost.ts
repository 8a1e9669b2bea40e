import type { CelType } from '../type.ts';
import { times, type Estimate } from './size.ts';

interface CallCost {
  /** Besides that of the arguments. */
  readonly cost: number;
  /** Undefined when the type of the result says all that is known. */
  readonly size?: number;
}

type CostOf = (args: readonly Estimate[], types: readonly CelType[]) => CallCost;

/** A tenth of an operation a character, as cel-go counts. */
const PER_CHARACTER = 0.1;
const PER_PATTERN_CHARACTER = 0.25;
/** Asking whether somebody may do something. */
const AUTHORIZATION_COST = 350_000;

/** What a function or an operator costs at most with such arguments. */
export function callCost(
  name: string,
  args: readonly Estimate[],
  types: readonly CelType[],
): CallCost {
  return COSTS.get(name)?.(args, types) ?? { cost: 1 };
}

const COSTS: ReadonlyMap<string, CostOf> = new Map([
  ...each(['==', '!='], ([left, right]) => ({
    cost: traversed(Math.min(sizeOf(left), sizeOf(right))),
  })),
  ...each(['<', '<=', '>', '>='], ([left, right], types) => ({
    cost: types.some(isText) ? traversed(Math.min(sizeOf(left), sizeOf(right))) : 1,
  })),
  ...each(['&&', '||'], () => ({ cost: 0 })),
  ...each(['+'], sum),
  ...each(['in'], ([, right], types) => ({
    cost: types[1]?.kind === 'list' ? Math.max(1, sizeOf(right)) : 1,
  })),
  ...each(['matches'], (args) => ({ cost: matching(args) })),
  ...each(['find', 'findAll'], (args) => ({ cost: matching(args), size: sizeOf(args[0]) })),
  ...each(['contains'], ([text, part]) => ({
    cost: times(traversed(sizeOf(text)), traversed(sizeOf(part))),
  })),
  ...each(['startsWith', 'endsWith'], ([, part]) => ({ cost: traversed(sizeOf(part)) })),
  ...each(['check'], () => ({ cost: AUTHORIZATION_COST })),
  ...each(['isSorted', 'sum', 'min', 'max', 'indexOf', 'lastIndexOf'], overItems),
  ...each(['url', 'isURL', 'ip', 'isIP', 'cidr', 'isCIDR', 'quantity', 'isQuantity'], overText),
  ...each(['semver', 'isSemver', 'format', 'validate', 'join', 'bytes'], overText),
  ...each(['lowerAscii', 'upperAscii', 'substring', 'trim', 'replace'], changingText),
  ...each(['split', 'reverse'], changingText),
]);

function each(names: readonly string[], cost: CostOf): readonly (readonly [string, CostOf])[] {
  return names.map((name) => [name, cost] as const);
}

function sizeOf(estimate: Estimate | undefined): number {
  return estimate?.size ?? 0;
}

function traversed(size: number): number {
  return Math.ceil(size * PER_CHARACTER);
}

function isText(type: CelType | undefined): boolean {
  return type?.kind === 'simple' && (type.name === 'string' || type.name === 'bytes');
}

function matching([text, pattern]: readonly Estimate[]): number {
  return times(traversed(sizeOf(text) + 1), Math.ceil(sizeOf(pattern) * PER_PATTERN_CHARACTER));
}

function overText([text]: readonly Estimate[]): CallCost {
  return { cost: traversed(sizeOf(text)) };
}

function changingText([text]: readonly Estimate[]): CallCost {
  return { cost: traversed(sizeOf(text)), size: sizeOf(text) };
}

function sum([left, right]: readonly Estimate[], [type]: readonly CelType[]): CallCost {
  const size = sizeOf(left) + sizeOf(right);
  if (type?.kind === 'list') return { cost: 1, size };
  return isText(type) ? { cost: traversed(size), size } : { cost: 1 };
}

function overItems([list]: readonly Estimate[], [type]: readonly CelType[]): CallCost {
  if (type?.kind !== 'list' || !list) return overText(list ? [list] : []);
  const size = list.bound?.element?.size ?? list.elementSize ?? 0;
  return { cost: times(list.size, isText(type.element) ? Math.max(1, traversed(size)) : 1) };
}
