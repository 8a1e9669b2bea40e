import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import { type Caller, NetworkError, type PodProxy, type Target } from '../../net/network.ts';
import type { ContainerContext, RunningProgram } from '../../programs/program.ts';
import { fullHost, type MeshPort, type MeshService, type MeshSnapshot } from '../pilot/snapshot.ts';
import { connectionRefused, noRoute } from './answers.ts';
import { applyRoute, type RoutedResult } from './http-routing.ts';
import { ProxyBase, PROXY_PORTS, withProxyHeaders } from './proxy-base.ts';
import { partsOf } from './routing/match.ts';
import { type CompiledRoute, compileRoutes, firstMatch } from './routing/route-table.ts';

/** Envoy beside an application: every request that leaves or enters the pod passes through here. */
export class Sidecar implements RunningProgram, PodProxy {
  readonly exited = new Promise<number>(() => undefined);
  readonly #base: ProxyBase;
  readonly #container: ContainerContext;
  /** Rules by host and port, compiled when they are first needed and forgotten when the mesh changes. */
  readonly #routes = new Map<string, readonly CompiledRoute[] | undefined>();

  constructor(container: ContainerContext) {
    this.#container = container;
    this.#base = new ProxyBase(container, () => this.#routes.clear());
    container.network.intercept(this);
    container.log(`${new Date(container.clock.now()).toISOString()}\tinfo\tEnvoy proxy is ready`);
  }

  stop(): void {
    this.#container.network.intercept(undefined);
    this.#base[Symbol.dispose]();
  }

  async outbound(target: Target, original: HttpRequest): Promise<HttpResponse> {
    const startMs = this.#container.clock.now();
    const request = withProxyHeaders(original);
    const { snapshot } = this.#base;
    const found = snapshot && this.#serviceOf(snapshot, target, request);
    const result = await (found
      ? this.#route(snapshot, found, request)
      : this.#passThrough(target, request));
    const { response } = result;
    response.headers.set('server', 'envoy');
    if (result.upstreamMs !== undefined) {
      response.headers.set('x-envoy-upstream-service-time', String(Math.round(result.upstreamMs)));
    }
    this.#report('source', { startMs, request, result, target });
    return response;
  }

  async inbound(port: number, request: HttpRequest, from: Caller): Promise<HttpResponse> {
    const listener = this.#container.network.listenerOn(port);
    if (listener?.type === 'http' && isProxyPort(port)) return listener.handle(request, from);
    const startMs = this.#container.clock.now();
    const incoming = withProxyHeaders(request);
    if (from.identity !== undefined) {
      const own = this.#base.caller.identity ?? '';
      incoming.headers.set(
        'x-forwarded-client-cert',
        `By=${own};Hash=;Subject="";URI=${from.identity}`,
      );
    }
    const result = await this.#deliverInside(port, incoming, from);
    const { response } = result;
    response.headers.set('server', 'istio-envoy');
    response.headers.set(
      'x-envoy-upstream-service-time',
      String(Math.round(result.upstreamMs ?? 0)),
    );
    this.#reportInbound({ startMs, request: incoming, result, port, from });
    return response;
  }

  /** The service and port a request is for: by its Host header on a port that the service has, else by address. */
  #serviceOf(
    snapshot: MeshSnapshot,
    target: Target,
    request: HttpRequest,
  ): { readonly service: MeshService; readonly port: MeshPort } | undefined {
    const host = (request.authority || target.host).replace(/:\d+$/, '');
    for (const name of [host, target.host]) {
      const service = snapshot.services.get(this.#qualify(name)) ?? byClusterIp(snapshot, name);
      const port = service?.ports.find((one) => one.port.port === target.port);
      if (service && port) return { service, port };
    }
    return undefined;
  }

  /** `reviews`, `reviews.default`, `reviews.default.svc` as Istio's virtual hosts list them. */
  #qualify(name: string): string {
    const labels = name.split('.');
    if (labels.length === 2) return `${name}.svc.cluster.local`;
    if (labels.length === 3 && labels[2] === 'svc') return `${name}.cluster.local`;
    return fullHost(name, this.#base.workload.namespace);
  }

  async #route(
    snapshot: MeshSnapshot,
    { service, port }: { readonly service: MeshService; readonly port: MeshPort },
    request: HttpRequest,
  ): Promise<RoutedResult> {
    const { clock, random } = this.#container;
    const routes = this.#routesFor(snapshot, service, port);
    if (routes) {
      const route = firstMatch(routes, partsOf(request));
      if (!route) return { ...noRoute(), ...NOWHERE, service: service.host };
      const context = {
        snapshot,
        upstream: this.#base.upstream,
        clock,
        random,
        requestPort: port.port.port,
      };
      return applyRoute(route, request, context);
    }
    const result = await this.#base.upstream.send(
      { snapshot, service, port, ...NO_POLICY },
      request,
    );
    return { ...result, service: service.host, routeName: 'default' };
  }

  /** The rules of the oldest VirtualService of the mesh for this host; undefined when there is none. */
  #routesFor(
    snapshot: MeshSnapshot,
    service: MeshService,
    port: MeshPort,
  ): readonly CompiledRoute[] | undefined {
    const key = `${service.host}:${port.port.port}`;
    if (this.#routes.has(key)) return this.#routes.get(key);
    const owner = snapshot.virtualServices.find(({ metadata, spec }) => {
      const gateways = spec?.gateways ?? [];
      const isForMesh = gateways.length === 0 || gateways.includes('mesh');
      const namespace = metadata.namespace ?? 'default';
      return (
        isForMesh && spec?.hosts?.some((host) => covers(fullHost(host, namespace), service.host))
      );
    });
    const routes =
      owner?.spec?.http &&
      compileRoutes(owner, {
        labels: this.#container.pod.metadata.labels ?? {},
        namespace: this.#base.workload.namespace,
        gateways: ['mesh'],
        port: port.port.port,
      });
    this.#routes.set(key, routes);
    return routes;
  }

  /** A destination that the mesh does not know: sent on as it came (outboundTrafficPolicy ALLOW_ANY). */
  async #passThrough(target: Target, request: HttpRequest): Promise<RoutedResult> {
    const { network, clock } = this.#container;
    const startMs = clock.now();
    const [ip] = network.resolve(target.host);
    if (ip === undefined)
      throw new NetworkError('ENOTFOUND', `Could not resolve host: ${target.host}`);
    const nowhere = {
      ...NOWHERE,
      cluster: 'PassthroughCluster',
      routeName: 'allow_any',
      service: 'PassthroughCluster',
    };
    try {
      const response = await network.deliver({ ip, port: target.port }, request);
      const headers = response.headers.clone();
      return {
        ...nowhere,
        response: { ...response, headers },
        flags: '-',
        details: 'via_upstream',
        upstreamMs: clock.now() - startMs,
      };
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      return { ...connectionRefused(false), ...nowhere };
    }
  }

  async #deliverInside(port: number, request: HttpRequest, from: Caller): Promise<RoutedResult> {
    const { network, clock } = this.#container;
    const where = { ...NOWHERE, cluster: `inbound|${port}||`, routeName: 'default' };
    const listener = network.listenerOn(port);
    if (listener?.type !== 'http') return { ...connectionRefused(false), ...where };
    const startMs = clock.now();
    const response = await listener.handle(request, from);
    const headers = response.headers.clone();
    return {
      ...where,
      response: { ...response, headers },
      flags: '-',
      details: 'via_upstream',
      upstreamMs: clock.now() - startMs,
    };
  }

  #report(
    reporter: 'source',
    {
      startMs,
      request,
      result,
      target,
    }: {
      readonly startMs: number;
      readonly request: HttpRequest;
      readonly result: RoutedResult;
      readonly target: Target;
    },
  ): void {
    const durationMs = this.#container.clock.now() - startMs;
    const { response, endpoint } = result;
    this.#base.metrics.record({
      reporter,
      source: this.#base.workload,
      destination: endpoint?.workload,
      service: result.service || target.host,
      code: response.status,
      flags: result.flags,
      isMutualTls: endpoint?.hasSidecar ?? false,
      durationMs,
      requestBytes: request.body.length,
      responseBytes: response.body.length,
    });
    const own = this.#container.network.ip;
    this.#base.log({
      startMs,
      request,
      code: response.status,
      flags: result.flags,
      details: result.details,
      responseBytes: response.body.length,
      durationMs,
      upstreamMs: result.upstreamMs,
      upstreamHost: endpoint ? `${endpoint.ip}:${endpoint.port}` : '-',
      upstreamCluster: result.cluster,
      upstreamLocal: endpoint ? `${own}:${target.port}` : '-',
      downstreamLocal: `${target.host}:${target.port}`,
      downstreamRemote: `${own}:0`,
      serverName: '-',
      routeName: result.routeName,
    });
  }

  #reportInbound({
    startMs,
    request,
    result,
    port,
    from,
  }: {
    readonly startMs: number;
    readonly request: HttpRequest;
    readonly result: RoutedResult;
    readonly port: number;
    readonly from: Caller;
  }): void {
    const durationMs = this.#container.clock.now() - startMs;
    const { response } = result;
    const own = this.#container.network.ip;
    const service = `${this.#base.workload.app}.${this.#base.workload.namespace}.svc.cluster.local`;
    const isMutualTls = from.identity !== undefined;
    this.#base.metrics.record({
      reporter: 'destination',
      source: from.workload,
      destination: this.#base.workload,
      service,
      code: response.status,
      flags: result.flags,
      isMutualTls,
      durationMs,
      requestBytes: request.body.length,
      responseBytes: response.body.length,
    });
    this.#base.log({
      startMs,
      request,
      code: response.status,
      flags: result.flags,
      details: result.details,
      responseBytes: response.body.length,
      durationMs,
      upstreamMs: result.upstreamMs,
      upstreamHost: `${own}:${port}`,
      upstreamCluster: result.cluster,
      upstreamLocal: `127.0.0.6:${from.port}`,
      downstreamLocal: `${own}:${port}`,
      downstreamRemote: `${from.ip}:${from.port}`,
      serverName: isMutualTls ? `outbound_.${port}_._.${service}` : '-',
      routeName: result.routeName,
    });
  }
}

const NOWHERE = {
  endpoint: undefined,
  upstreamMs: undefined,
  cluster: '-',
  service: '',
  routeName: '-',
} as const;
const NO_POLICY = {
  subset: undefined,
  timeoutMs: undefined,
  perTryTimeoutMs: undefined,
  retries: undefined,
  retryOn: undefined,
} as const;

function isProxyPort(port: number): boolean {
  return Object.values(PROXY_PORTS).some((own) => own === port);
}

function byClusterIp(snapshot: MeshSnapshot, ip: string): MeshService | undefined {
  if (!/^\d/.test(ip)) return undefined;
  return snapshot.services.values().find(({ clusterIp }) => clusterIp === ip);
}

/** Whether a host of a VirtualService, perhaps a wildcard, is or covers a service's. */
function covers(pattern: string, host: string): boolean {
  return pattern === host || (pattern.startsWith('*') && host.endsWith(pattern.slice(1)));
}
