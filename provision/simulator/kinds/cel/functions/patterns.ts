/** matches(), find() and findAll() (Kubernetes documentation, "Kubernetes regex library"). */
import { compilePattern, type Pattern, PatternCostError, PatternError } from '../../../pattern.ts';
import { bool, fn, int, list, method, string, type Overload } from '../overload.ts';
import { CelList, CostError, EvaluationError } from '../value.ts';

export const patterns: readonly Overload[] = [
  fn('matches', [string, string], bool, isMatch),
  method('matches', [string, string], bool, isMatch),
  method('find', [string, string], string, (text, pattern) => found(text, pattern, 1)[0] ?? ''),
  method('findAll', [string, string], list(string), (text, pattern) => findAll(text, pattern)),
  method('findAll', [string, string, int], list(string), findAll),
];

function isMatch(text: string, pattern: string): boolean {
  return using(pattern, (compiled) => compiled.isIn(text));
}

function found(text: string, pattern: string, limit: number): readonly string[] {
  return using(pattern, (compiled) => compiled.found(text, limit));
}

function findAll(text: string, pattern: string, limit = -1n): CelList {
  return new CelList(found(text, pattern, limit < 0n ? Number.POSITIVE_INFINITY : Number(limit)));
}

function using<T>(pattern: string, act: (compiled: Pattern) => T): T {
  try {
    return act(compilePattern(pattern));
  } catch (error) {
    if (error instanceof PatternError) throw new EvaluationError(error.message, { cause: error });
    if (!(error instanceof PatternCostError)) throw error;
    throw new CostError('operation cancelled: actual cost limit exceeded', { cause: error });
  }
}
