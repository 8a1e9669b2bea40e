import { Problem } from '../problem.ts';
import { PATH_BYTES } from './limits.ts';

/**
 * A path as the learner gave it, fit to be an argument of a program. Where it leads is the box's to say.
 * @throws Problem `file-name`
 */
export function checkedPath(path: unknown): string {
  if (typeof path !== 'string' || path === '' || Buffer.byteLength(path) > PATH_BYTES) {
    throw nameProblem();
  }
  // U+FFFD stands where bytes were no UTF-8: it would name another file than was meant.
  if (path.includes('\0') || path.includes('\uFFFD') || !path.isWellFormed()) throw nameProblem();
  return path;
}

function nameProblem(): Problem {
  return new Problem(400, 'file-name', 'A file cannot have that name');
}
