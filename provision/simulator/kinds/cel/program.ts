/** Compiles expressions and runs them within their limits. */
import { Checker } from './checker.ts';
import type { Bound } from './cost/bounds.ts';
import { estimate } from './cost/estimate.ts';
import { Meter, type Variables } from './frame.ts';
import { issuesText } from './issues.ts';
import { overloadsOf, typeNamed } from './library.ts';
import { CALL_COST_LIMIT, PROGRAM_CACHE_LIMIT } from './limits.ts';
import { parse, type Node } from './syntax.ts';
import { dyn, type CelType } from './type.ts';
import { CostError, EvaluationError, type CelValue } from './value.ts';

/** The variables that expressions of one kind may read; programs are kept by this object's identity. */
export interface Declarations {
  /** The type of a variable; undefined when there is none. Names may have dots. */
  readonly variable: (name: string) => CelType | undefined;
}

/** An expression that can be evaluated. */
export interface Program {
  readonly text: string;
  readonly type: CelType;
  /** Names of the variables it reads. */
  readonly reads: ReadonlySet<string>;
  /** Never throws; ends with `too-costly` after `costLimit`, by default CALL_COST_LIMIT. */
  readonly evaluate: (variables: Variables, costLimit?: number) => Outcome;
}

export type Outcome =
  | { readonly type: 'value'; readonly value: CelValue; readonly cost: number }
  /** `no such key: x`. */
  | { readonly type: 'error'; readonly message: string; readonly cost: number }
  | { readonly type: 'too-costly'; readonly message: string; readonly cost: number };

export type Compiled =
  | { readonly type: 'program'; readonly program: Program }
  /** `compilation failed: ` and what cel-go prints, `ERROR: <input>:1:1: …` with the line and a caret. */
  | { readonly type: 'failed'; readonly problem: string };

const FAILED = 'compilation failed: ';

const caches = new WeakMap<Declarations, Map<string, Compiled>>();

/** Compiles an expression, or finds it among those compiled before. */
export function compile(text: string, declarations: Declarations): Compiled {
  let cache = caches.get(declarations);
  if (!cache) {
    cache = new Map();
    caches.set(declarations, cache);
  }
  const known = cache.get(text);
  if (known) return known;
  const made = newProgram(text, declarations);
  if (cache.size >= PROGRAM_CACHE_LIMIT) cache.clear();
  cache.set(text, made);
  return made;
}

/** What an expression costs at most for values within bounds; infinite when that has no end, 0 when it cannot be compiled. */
export function estimateCost(
  text: string,
  { variable }: Declarations,
  bounds: Readonly<Record<string, Bound>>,
): number {
  const parsed = parse(text);
  if (parsed.type === 'failed') return 0;
  const checker = new Checker(text, { variable, overloads: overloadsOf, typeNamed });
  checker.check(parsed.root, undefined);
  if (checker.issues.length > 0) return 0;
  const typeOf = (node: Node) => checker.types.get(node) ?? dyn;
  return estimate(parsed.root, { typeOf, bounds }).cost;
}

function newProgram(text: string, { variable }: Declarations): Compiled {
  const parsed = parse(text);
  if (parsed.type === 'failed') {
    return { type: 'failed', problem: FAILED + issuesText(text, parsed.issues) };
  }
  const checker = new Checker(text, { variable, overloads: overloadsOf, typeNamed });
  const { type, run } = checker.check(parsed.root, undefined);
  if (checker.issues.length > 0) {
    return { type: 'failed', problem: FAILED + issuesText(text, checker.issues) };
  }
  if (checker.patternProblem !== undefined) {
    const problem = `program instantiation failed: ${checker.patternProblem}`;
    return { type: 'failed', problem };
  }
  const evaluate = (variables: Variables, costLimit = CALL_COST_LIMIT): Outcome => {
    const meter = new Meter(Math.min(costLimit, CALL_COST_LIMIT));
    try {
      const value = run({ variables, slots: [], meter });
      return { type: 'value', value, cost: meter.used };
    } catch (error) {
      return { ...failure(error), cost: meter.used };
    }
  };
  return { type: 'program', program: { text, type, reads: checker.used, evaluate } };
}

function failure(error: unknown): {
  readonly type: 'error' | 'too-costly';
  readonly message: string;
} {
  if (error instanceof CostError) return { type: 'too-costly', message: error.message };
  if (error instanceof EvaluationError) return { type: 'error', message: error.message };
  // What JavaScript refuses, such as a string or a call stack that is too large.
  if (error instanceof RangeError) return { type: 'too-costly', message: error.message };
  throw error;
}
