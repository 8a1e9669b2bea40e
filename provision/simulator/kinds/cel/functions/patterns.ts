/** matches(), find() and findAll() (Kubernetes documentation, "Kubernetes regex library"). */
import { bool, fn, int, list, method, string, type Overload } from '../overload.ts';
import { found, isMatch } from '../pattern.ts';
import { CelList } from '../value.ts';

export const patterns: readonly Overload[] = [
  fn('matches', [string, string], bool, (text, pattern) => isMatch(pattern, text)),
  method('matches', [string, string], bool, (text, pattern) => isMatch(pattern, text)),
  method('find', [string, string], string, (text, pattern) => found(pattern, text, 1)[0] ?? ''),
  method('findAll', [string, string], list(string), (text, pattern) => findAll(text, pattern)),
  method('findAll', [string, string, int], list(string), findAll),
];

function findAll(text: string, pattern: string, limit = -1n): CelList {
  return new CelList(found(pattern, text, limit < 0n ? Number.POSITIVE_INFINITY : Number(limit)));
}
