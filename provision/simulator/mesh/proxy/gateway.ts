import type { HttpRequest, HttpResponse, Peer } from '../../net/http.ts';
import type { ContainerContext, RunningProgram } from '../../programs/program.ts';
import { direct, noRoute } from './answers.ts';
import { type GatewayListener, gatewayListeners, routesForHost } from './gateway-hosts.ts';
import { applyRoute, NOWHERE, type Progress, type RoutedResult } from './http-routing.ts';
import { ProxyBase, withProxyHeaders } from './proxy-base.ts';
import { partsOf } from './routing/match.ts';
import { firstMatch } from './routing/route-table.ts';

/** Envoy that stands alone at the edge of the mesh: opens the ports that Gateways ask for, and no others. */
export class GatewayProxy implements RunningProgram {
  readonly exited = new Promise<number>(() => undefined);
  readonly #base: ProxyBase;
  readonly #container: ContainerContext;
  readonly #open = new Map<number, { listener: GatewayListener; readonly socket: Disposable }>();

  constructor(container: ContainerContext) {
    this.#container = container;
    this.#base = new ProxyBase(container, () => this.#update());
    container.log(`${new Date(container.clock.now()).toISOString()}\tinfo\tEnvoy proxy is ready`);
  }

  stop(): void {
    for (const { socket } of this.#open.values()) socket[Symbol.dispose]();
    this.#open.clear();
    this.#base[Symbol.dispose]();
  }

  /** Opens and closes ports; a port that stays keeps its connections and gets the new rules. */
  #update(): void {
    const { snapshot } = this.#base;
    if (!snapshot) return;
    const { network, pod } = this.#container;
    const wanted = gatewayListeners(snapshot, {
      ip: network.ip,
      labels: pod.metadata.labels ?? {},
      namespace: pod.metadata.namespace ?? 'default',
    });
    for (const [port, { socket }] of this.#open) {
      if (wanted.some((listener) => listener.port === port)) continue;
      socket[Symbol.dispose]();
      this.#open.delete(port);
    }
    for (const listener of wanted) {
      const old = this.#open.get(listener.port);
      if (old) old.listener = listener;
      else this.#open.set(listener.port, { listener, socket: this.#listen(listener.port) });
    }
  }

  #listen(port: number): Disposable {
    return this.#container.network.listen(port, {
      type: 'http',
      handle: (request, peer) => this.#handle(port, request, peer),
    });
  }

  async #handle(port: number, original: HttpRequest, peer: Peer): Promise<HttpResponse> {
    const startMs = this.#container.clock.now();
    const request = withProxyHeaders(original);
    const forwarded = request.headers.get('x-forwarded-for');
    request.headers.set(
      'x-forwarded-for',
      forwarded === undefined ? peer.ip : `${forwarded},${peer.ip}`,
    );
    request.headers.set('x-envoy-internal', 'true');
    request.headers.delete('x-forwarded-client-cert');
    const result = await this.#base.untilAnswered(request, (progress) =>
      this.#route(port, request, progress),
    );
    result.response.headers.delete('x-envoy-decorator-operation');
    this.#base.report(
      { startMs, request, result },
      {
        ...this.#base.upstreamSides(result),
        downstreamLocal: `${this.#container.network.ip}:${port}`,
        downstreamRemote: `${peer.ip}:${peer.port}`,
      },
    );
    return this.#base.finish(result, 'istio-envoy');
  }

  async #route(port: number, request: HttpRequest, progress: Progress): Promise<RoutedResult> {
    const { snapshot, upstream } = this.#base;
    const listener = this.#open.get(port)?.listener;
    if (listener?.redirectsToHttps) {
      const host = request.authority.replace(/:\d+$/, '');
      return { ...direct(301, '', [['location', `https://${host}${request.path}`]]), ...NOWHERE };
    }
    const routes = listener && routesForHost(listener, request.authority);
    const found = routes && firstMatch(routes, partsOf(request));
    if (!found || !snapshot) return { ...noRoute(), ...NOWHERE };
    const { clock, random } = this.#container;
    const context = { snapshot, upstream, clock, random, requestPort: port, progress };
    return applyRoute(found, request, context);
  }
}
