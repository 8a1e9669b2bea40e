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

/** A step of the prefix tree: one character of a path. */
interface TreeNode {
  readonly next: Map<string, TreeNode>;
  readonly candidates: Candidate[];
}

/**
 * The routes of a virtual host. The first that fits counts; exact paths and prefixes are looked up, so that the cost of a request grows
 * with the length of its path and not with the number of routes.
 */
export class RouteIndex {
  /** Whether some route asks for claims of a token, which are known only after it has been verified. */
  readonly usesClaims: boolean;
  readonly #exact = new Map<string, Candidate[]>();
  readonly #prefixes: TreeNode = { next: new Map(), candidates: [] };
  readonly #others: Candidate[] = [];

  constructor(routes: readonly Route[]) {
    this.usesClaims = routes.some(({ match }) => (match.claims?.length ?? 0) > 0);
    for (const [order, route] of routes.entries()) this.#add(order, route);
  }

  find(parts: RequestParts): Route | undefined {
    const lists = [
      this.#exact.get(parts.path) ?? [],
      ...this.#prefixesOf(parts.path),
      this.#others,
    ];
    let best: Candidate | undefined;
    for (const list of lists) {
      for (const candidate of list) {
        if (best && candidate.order > best.order) break;
        if (fits(candidate, parts)) {
          best = candidate;
          break;
        }
      }
    }
    return best?.route;
  }

  #add(order: number, route: Route): void {
    const { path } = route.match;
    const testRest = compileConditions(route.match);
    const isIndexed = (path.type === 'exact' || path.type === 'prefix') && !path.ignoresCase;
    const testPath = isIndexed ? undefined : compilePath(path);
    const candidate = { order, route, testPath, testRest };
    if (!isIndexed) this.#others.push(candidate);
    else if (path.type === 'prefix') this.#addPrefix(path.value, candidate);
    else {
      const others = this.#exact.get(path.value);
      if (others) others.push(candidate);
      else this.#exact.set(path.value, [candidate]);
    }
  }

  #addPrefix(prefix: string, candidate: Candidate): void {
    let node = this.#prefixes;
    for (const character of prefix) {
      let next = node.next.get(character);
      if (!next) {
        next = { next: new Map(), candidates: [] };
        node.next.set(character, next);
      }
      node = next;
    }
    node.candidates.push(candidate);
  }

  #prefixesOf(path: string): readonly (readonly Candidate[])[] {
    const found: (readonly Candidate[])[] = [];
    let node: TreeNode | undefined = this.#prefixes;
    if (node.candidates.length > 0) found.push(node.candidates);
    for (const character of path) {
      node = node.next.get(character);
      if (!node) break;
      if (node.candidates.length > 0) found.push(node.candidates);
    }
    return found;
  }
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
