import { matchesLabels } from '../../../kinds/selectors/labels.ts';
import type { HttpRequest } from '../../../net/http.ts';
import { compilePattern, patternProblem } from '../../../pattern.ts';
import type { HttpMatch, StringMatch } from '../../istio/types.ts';

/** What is known of the caller when the configuration is made. */
export interface MatchSource {
  readonly labels: Readonly<Record<string, string>>;
  readonly namespace: string;
  /** `mesh`, or the gateway's `namespace/name`s. */
  readonly gateways: readonly string[];
  readonly port: number;
}

/** A request's path and query parameters, taken apart once for all rules. */
export interface RequestParts {
  readonly request: HttpRequest;
  readonly path: string;
  readonly query: URLSearchParams | undefined;
}

export function partsOf(request: HttpRequest): RequestParts {
  const at = request.path.indexOf('?');
  if (at < 0) return { request, path: request.path, query: undefined };
  return {
    request,
    path: request.path.slice(0, at),
    query: new URLSearchParams(request.path.slice(at + 1)),
  };
}

/** One entry of `match`, made ready: fields are ANDed (VirtualService, HTTPMatchRequest). */
export function compileMatch(match: HttpMatch): (parts: RequestParts) => boolean {
  const tests: ((parts: RequestParts) => boolean)[] = [];
  if (match.uri) {
    const test = compileString(
      match.uri,
      match.ignoreUriCase === true && match.uri.regex === undefined,
    );
    tests.push(({ path }) => test(path));
  }
  if (match.method) {
    const test = compileString(match.method);
    tests.push(({ request }) => test(request.method));
  }
  if (match.authority) {
    const test = compileString(match.authority);
    tests.push(({ request }) => test(request.authority));
  }
  if (match.scheme) {
    const test = compileString(match.scheme);
    tests.push(() => test('http'));
  }
  for (const [name, wanted] of Object.entries(match.headers ?? {}))
    tests.push(headerTest(name, wanted));
  for (const [name, refused] of Object.entries(match.withoutHeaders ?? {})) {
    const test = headerTest(name, refused);
    tests.push((parts) => !test(parts));
  }
  for (const [name, wanted] of Object.entries(match.queryParams ?? {})) {
    const test = compileString(wanted);
    tests.push(({ query }) => {
      const value = query?.get(name);
      return value !== null && value !== undefined && test(value);
    });
  }
  return (parts) => tests.every((test) => test(parts));
}

/** Whether the entry can hold for this caller at all: decided when the configuration is made, not per request. */
export function isMeantFor(match: HttpMatch, source: MatchSource): boolean {
  const { sourceLabels, sourceNamespace, gateways, port } = match;
  return (
    matchesLabels(sourceLabels, source.labels) &&
    (sourceNamespace === undefined || sourceNamespace === source.namespace) &&
    (port === undefined || port === source.port) &&
    (!gateways?.length || gateways.some((gateway) => source.gateways.includes(gateway)))
  );
}

/** An empty match, or the regular expression `*`, asks for presence alone. */
function headerTest(name: string, wanted: StringMatch): (parts: RequestParts) => boolean {
  const isPresence =
    wanted.regex === '*' || (wanted.exact ?? wanted.prefix ?? wanted.regex ?? '') === '';
  const test = isPresence ? () => true : compileString(wanted);
  return ({ request }) => {
    const value = name === ':authority' ? request.authority : request.headers.get(name);
    return value !== undefined && test(value);
  };
}

function compileString(match: StringMatch, ignoresCase = false): (value: string) => boolean {
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
