import { asText, isList, isObject } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import type { HttpRequest } from '../../../net/http.ts';
import { compilePattern, patternProblem } from '../../../pattern.ts';
import type { StringMatch } from '../../istio/virtual-service.ts';
import type { ClaimMatch, HeaderMatch, PathMatch, RouteMatch } from '../../xds/route.ts';

/** A request's path and query parameters, taken apart once for all routes. */
export interface RequestParts {
  readonly request: HttpRequest;
  readonly path: string;
  readonly query: URLSearchParams | undefined;
  /** Claims of the token that was verified. */
  readonly claims: JsonObject | undefined;
  readonly scheme: string;
}

/** A request taken apart once, for all the routes that are tried on it. */
export function partsOf(request: HttpRequest, claims?: JsonObject): RequestParts {
  const at = request.path.indexOf('?');
  const scheme = request.headers.get('x-forwarded-proto') ?? 'http';
  if (at < 0) return { request, path: request.path, query: undefined, claims, scheme };
  const query = new URLSearchParams(request.path.slice(at + 1));
  return { request, path: request.path.slice(0, at), query, claims, scheme };
}

type Test = (parts: RequestParts) => boolean;

/** All that a match asks beside the path; undefined when it asks nothing. */
export function compileConditions({ headers, query, claims = [] }: RouteMatch): Test | undefined {
  const tests = [
    ...headers.map(headerTest),
    ...query.map(({ name, value }) => {
      const test = compileString(value);
      return ({ query: given }: RequestParts) => {
        const found = given?.get(name);
        return found !== null && found !== undefined && test(found);
      };
    }),
    ...claims.map(claimTest),
  ];
  if (tests.length === 0) return undefined;
  return (parts) => tests.every((test) => test(parts));
}

/** Whether a path fits. */
export function compilePath(path: PathMatch): (value: string) => boolean {
  if (path.type === 'regex') return compileString({ regex: path.value });
  if (path.type !== 'segments') {
    return compileString({ [path.type]: path.value }, path.ignoresCase);
  }
  const prefix = path.value.replace(/\/$/, '');
  return (value) => value === prefix || value.startsWith(`${prefix}/`);
}

/** An empty match, or the regular expression `*`, asks for presence alone. */
function headerTest({ name, value, isInverted = false }: HeaderMatch): Test {
  const isPresence =
    value.regex === '*' || (value.exact ?? value.prefix ?? value.regex ?? '') === '';
  const test = isPresence ? () => true : compileString(value);
  // Where the value must not be there, a header that is missing counts as empty.
  const missing = isInverted && !isPresence ? test('') : false;
  return (parts) => {
    const found = headerOf(parts, name);
    const holds = found === undefined ? missing : test(found);
    return holds !== isInverted;
  };
}

function headerOf({ request, scheme }: RequestParts, name: string): string | undefined {
  switch (name) {
    case ':authority':
      return request.authority;
    case ':method':
      return request.method;
    case ':scheme':
      return scheme;
    case ':path':
      return request.path;
    default:
      return request.headers.get(name);
  }
}

function claimTest({ path, value, isInverted = false }: ClaimMatch): Test {
  const test = compileString(value);
  return ({ claims }) => {
    const found = path.reduce<Json | undefined>(
      (one, name) => (isObject(one) ? one[name] : undefined),
      claims,
    );
    const values = isList(found) ? found : found === undefined ? [] : [found];
    return values.some((one) => test(asText(one))) !== isInverted;
  };
}

/** Whether a text fits; none of the three fits everything. */
export function compileString(match: StringMatch, ignoresCase = false): (value: string) => boolean {
  const fold = (text: string) => (ignoresCase ? text.toLowerCase() : text);
  if (match.exact !== undefined) {
    const wanted = fold(match.exact);
    return (value) => fold(value) === wanted;
  }
  if (match.prefix !== undefined) {
    const wanted = fold(match.prefix);
    return (value) => fold(value).startsWith(wanted);
  }
  if (match.regex === undefined) return () => true;
  // Istio refuses expressions that cannot be read; where nobody asked it, they match nothing.
  if (patternProblem(match.regex) !== undefined) return () => false;
  return compilePattern(match.regex).isWhole;
}
