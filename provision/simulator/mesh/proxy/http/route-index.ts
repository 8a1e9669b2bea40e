import type { Route, VirtualHost } from '../../xds/route.ts';
import { compileConditions, compilePath, type RequestParts } from './match.ts';

interface Candidate {
  /** Place in the order in which the routes are written. */
  readonly order: number;
  readonly route: Route;
  /** undefined: what the index says of the path is all there is to know of it. */
  readonly testPath: ((path: string) => boolean) | undefined;
  readonly testRest: ((parts: RequestParts) => boolean) | undefined;
}

/** Prefixes by their text: a path is looked up once for each length that some prefix has. */
class PrefixTable {
  readonly #candidates = new Map<string, Candidate[]>();
  readonly #lengths: number[] = [];
  readonly #isOfSegments: boolean;

  /** `isOfSegments`: only prefixes that end where a segment of the path does count. */
  constructor({ isOfSegments }: { readonly isOfSegments: boolean }) {
    this.#isOfSegments = isOfSegments;
  }

  add(prefix: string, candidate: Candidate): void {
    const known = this.#candidates.get(prefix);
    if (known) known.push(candidate);
    else {
      this.#candidates.set(prefix, [candidate]);
      if (!this.#lengths.includes(prefix.length)) this.#lengths.push(prefix.length);
    }
  }

  /** The first that fits of what stands at the prefixes of a path, unless `best` comes before it. */
  firstOf(parts: RequestParts, best: Candidate | undefined): Candidate | undefined {
    const { path } = parts;
    let first = best;
    for (const length of this.#lengths) {
      if (length > path.length) continue;
      if (this.#isOfSegments && length < path.length && path[length] !== '/') continue;
      const candidates = this.#candidates.get(path.slice(0, length));
      if (candidates) first = firstOf(candidates, parts, first);
    }
    return first;
  }
}

/**
 * The routes of a virtual host. The first that fits counts; exact paths and prefixes are looked up, so that the cost of a request grows
 * with the length of its path and not with the number of routes.
 */
export class RouteIndex {
  /** Whether some route asks for claims of a token, which are known only after it has been verified. */
  readonly usesClaims: boolean;
  readonly #exact = new Map<string, Candidate[]>();
  readonly #prefixes = new PrefixTable({ isOfSegments: false });
  readonly #segments = new PrefixTable({ isOfSegments: true });
  readonly #others: Candidate[] = [];

  constructor(routes: readonly Route[]) {
    this.usesClaims = routes.some(({ match }) => (match.claims?.length ?? 0) > 0);
    for (const [order, route] of routes.entries()) this.#add(order, route);
  }

  find(parts: RequestParts): Route | undefined {
    let best = firstOf(this.#exact.get(parts.path) ?? [], parts, undefined);
    best = this.#prefixes.firstOf(parts, best);
    best = this.#segments.firstOf(parts, best);
    return firstOf(this.#others, parts, best)?.route;
  }

  #add(order: number, route: Route): void {
    const { path } = route.match;
    const testRest = compileConditions(route.match);
    const isIndexed = path.type !== 'regex' && !(path.type !== 'segments' && path.ignoresCase);
    const testPath = isIndexed ? undefined : compilePath(path);
    const candidate = { order, route, testPath, testRest };
    if (!isIndexed) this.#others.push(candidate);
    else if (path.type === 'prefix') this.#prefixes.add(path.value, candidate);
    else if (path.type === 'segments') {
      this.#segments.add(path.value.replace(/\/$/, ''), candidate);
    } else {
      const others = this.#exact.get(path.value);
      if (others) others.push(candidate);
      else this.#exact.set(path.value, [candidate]);
    }
  }
}

/** The first of a list that fits, unless `best` comes before it. */
function firstOf(
  list: readonly Candidate[],
  parts: RequestParts,
  best: Candidate | undefined,
): Candidate | undefined {
  for (const candidate of list) {
    if (best && candidate.order > best.order) break;
    if (fits(candidate, parts)) return candidate;
  }
  return best;
}

const indexes = new WeakMap<VirtualHost, RouteIndex>();

/** The index of a virtual host's routes, made when the first request comes. */
export function routeIndex(host: VirtualHost): RouteIndex {
  let index = indexes.get(host);
  if (!index) {
    index = new RouteIndex(host.routes);
    indexes.set(host, index);
  }
  return index;
}

function fits({ testPath, testRest }: Candidate, parts: RequestParts): boolean {
  return (!testPath || testPath(parts.path)) && (!testRest || testRest(parts));
}
