import type { PathNormalization } from '../../pilot/mesh-config.ts';

/**
 * A path as policies, routes and the application see it, the query untouched
 * (https://istio.io/latest/docs/ops/best-practices/security/#customize-your-system-on-path-normalization): backslashes are slashes, `.`
 * and `..` are gone, letters that need no escape have none; further, by the mode, slashes are decoded and several are one.
 */
export function normalizePath(target: string, mode: PathNormalization): string {
  if (mode === 'NONE' || !MAY_CHANGE.test(target) || !target.startsWith('/')) return target;
  const end = target.search(/[?#]/);
  const [path, rest] = end < 0 ? [target, ''] : [target.slice(0, end), target.slice(end)];
  const decoded = mode === 'DECODE_AND_MERGE_SLASHES' ? path.replaceAll(/%(2f|5c)/gi, '/') : path;
  const clean = withoutDots(
    decoded.replaceAll('\\', '/').replaceAll(/%([\da-f]{2})/gi, (escaped, code: string) => {
      const letter = String.fromCodePoint(Number.parseInt(code, 16));
      return UNRESERVED.test(letter) ? letter : escaped;
    }),
  );
  return `${MERGING.has(mode) ? clean.replaceAll(/\/{2,}/g, '/') : clean}${rest}`;
}

/** What no mode would change has none of these. */
const MAY_CHANGE = /[%\\]|\/[./]/;
const UNRESERVED = /[\w.~-]/;
const MERGING: ReadonlySet<string> = new Set(['MERGE_SLASHES', 'DECODE_AND_MERGE_SLASHES']);

/** RFC 3986, section 5.2.4. */
function withoutDots(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  for (const [index, segment] of segments.entries()) {
    const isDots = segment === '.' || segment === '..';
    if (segment === '..') kept.pop();
    if (!isDots) kept.push(segment);
    else if (index === segments.length - 1) kept.push('');
  }
  return `/${kept.join('/')}`;
}
