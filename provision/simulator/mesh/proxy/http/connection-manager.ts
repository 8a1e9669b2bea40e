import type { HttpConnectionManager } from '../../xds/listener.ts';
import type { Route } from '../../xds/route.ts';
import { direct, noRoute, type ProxyAnswer, withFlag } from './answers.ts';
import type { FilterContext, HttpFilter } from './filter.ts';
import { addCorsHeaders, answerPreflight } from './filters/cors.ts';
import { injectFault } from './filters/fault.ts';
import { makeFilters } from './filters/index.ts';
import { partsOf } from './match.ts';
import { redirectLocation } from './rewrite.ts';
import { routeIndex } from './route-index.ts';
import { applyRoute, chooseUpstream, immediateAnswer, type RouterContext } from './router.ts';
import type { HttpStream } from './stream.ts';
import { virtualHostFor } from './virtual-hosts.ts';

/**
 * Takes requests through a listener's filters to the router and the answers back
 * (https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/http_conn_man). Filters are made once for each manager
 * that istiod sends.
 */
export class ConnectionManager {
  readonly #context: FilterContext;
  readonly #filters = new WeakMap<HttpConnectionManager, readonly HttpFilter[]>();

  constructor(context: FilterContext) {
    this.#context = context;
  }

  /** The answer to a request. Rejects only when the caller has gone. */
  async handle(stream: HttpStream, router: RouterContext): Promise<ProxyAnswer> {
    const { manager } = stream;
    const filters = this.#filtersOf(manager);
    const routes =
      typeof manager.routes === 'string'
        ? router.configuration.routeConfiguration(manager.routes)
        : manager.routes;
    stream.virtualHost = virtualHostFor(routes, stream.request.authority);
    if (stream.virtualHost?.requiresTls && !stream.isSecure) return redirectToTls(stream);
    stream.route = findRoute(stream);
    noteCluster(stream, router);
    const isTold = takeOperation(stream);
    let answer: ProxyAnswer | undefined;
    for (const { onRequest } of filters) {
      const given = onRequest?.(stream);
      answer = given instanceof Promise ? await given : given;
      if (answer) break;
    }
    answer ??= await this.#route(stream, router);
    for (const { onAnswer } of filters) onAnswer?.(stream, answer);
    tellOperation(stream, answer, isTold);
    return answer;
  }

  async #route(stream: HttpStream, router: RouterContext): Promise<ProxyAnswer> {
    if (stream.virtualHost && stream.token && routeIndex(stream.virtualHost).usesClaims) {
      stream.route = findRoute(stream);
    }
    const { route } = stream;
    if (!route) return noRoute();
    const choice = chooseUpstream(stream, route, router);
    const fault = route.fault && (await injectFault(stream, route.fault, router));
    if (fault) return fault;
    const answer =
      (route.cors && answerPreflight(stream, route.cors)) ??
      immediateAnswer(stream, route) ??
      (choice ? await applyRoute(stream, choice, router) : noRoute());
    if (route.cors) addCorsHeaders(stream, route.cors, answer);
    return stream.isDelayed ? withFlag(answer, 'DI') : answer;
  }

  #filtersOf(manager: HttpConnectionManager): readonly HttpFilter[] {
    let filters = this.#filters.get(manager);
    if (!filters) {
      filters = makeFilters(manager.filters, this.#context);
      this.#filters.set(manager, filters);
    }
    return filters;
  }
}

function findRoute({ virtualHost, request, token }: HttpStream): Route | undefined {
  if (!virtualHost) return undefined;
  return routeIndex(virtualHost).find(partsOf(request, token?.payload));
}

/** Where the request would go, for the log of one that a filter answers. */
function noteCluster(stream: HttpStream, { configuration }: RouterContext): void {
  const action = stream.route?.action;
  if (action?.type !== 'route' || action.clusters.length !== 1) return;
  stream.clusterName = action.clusters[0]?.cluster ?? '-';
  stream.cluster = configuration.cluster(stream.clusterName);
}

const OPERATION = 'x-envoy-decorator-operation';

/** Whether the client's proxy has said what it calls the operation; applications are not told. */
function takeOperation({ manager, request }: HttpStream): boolean {
  const isTold = request.headers.has(OPERATION);
  if (manager.direction === 'INBOUND') request.headers.delete(OPERATION);
  return isTold;
}

/** Clients that have not named the operation learn its name, and pass it on to nobody. */
function tellOperation(
  { manager, route }: HttpStream,
  { response }: ProxyAnswer,
  isTold: boolean,
): void {
  if (manager.direction === 'OUTBOUND') response.headers.delete(OPERATION);
  else if (!isTold && route) response.headers.set(OPERATION, route.operation);
}

/** A Gateway's httpsRedirect. */
function redirectToTls({ request }: HttpStream): ProxyAnswer {
  const location = redirectLocation({ type: 'redirect', scheme: 'https' }, request, ANY_PATH);
  return direct(301, '', [['location', location]]);
}

const ANY_PATH = { type: 'prefix', value: '/' } as const;
