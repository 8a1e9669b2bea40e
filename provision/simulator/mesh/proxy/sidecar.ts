import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';

import { httpBridge } from '../../net/http-bridge.ts';
import type { HttpRequest, HttpResponse, Peer } from '../../net/http.ts';
import { type Caller, NetworkError, type PodProxy, type Target } from '../../net/network.ts';
import type { ContainerContext, RunningProgram } from '../../programs/program.ts';
import { remembering } from '../../remember.ts';
import { PROXY_PORTS } from './admin-ports.ts';
import { connectionClosed, connectionRefused, fromUpstream, noRoute } from './answers.ts';
import { clusterOf } from './clusters.ts';
import { applyRoute, NOWHERE, type Progress, type RoutedResult } from './http-routing.ts';
import { type Interception, interceptionOf } from './interception.ts';
import { type MeshTarget, MeshRoutes } from './mesh-routes.ts';
import { type Passage, ProxyBase, withProxyHeaders } from './proxy-base.ts';
import { DEFAULT_RETRIES } from './retries.ts';
import { partsOf } from './routing/match.ts';
import { firstMatch } from './routing/route-table.ts';

/** Envoy beside an application: every request that leaves or enters the pod passes through here. */
export class Sidecar implements RunningProgram, PodProxy {
  readonly exited = new Promise<number>(() => undefined);
  readonly #base: ProxyBase;
  readonly #container: ContainerContext;
  readonly intercepts: Interception;
  #routes: MeshRoutes | undefined;

  constructor(container: ContainerContext) {
    this.#container = container;
    this.intercepts = interceptionOf(container.pod);
    this.#base = new ProxyBase(container, () => this.#update());
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
    const result = await this.#base.untilAnswered(request, (progress) =>
      this.#send(target, request, progress),
    );
    result.response.headers.delete('x-envoy-decorator-operation');
    this.#reportOutbound({ startMs, request, result }, target);
    return this.#base.finish(result, 'envoy');
  }

  async inbound(port: number, original: HttpRequest, from: Caller): Promise<HttpResponse> {
    const listener = this.#container.network.listenerOn(port);
    if (listener?.type === 'http' && isProxyPort(port)) return listener.handle(original, from);
    const startMs = this.#container.clock.now();
    const request = withProxyHeaders(original);
    if (from.identity !== undefined) {
      const chain = request.headers.get('x-forwarded-client-cert');
      const certificate = clientCertificate(this.#base.caller.identity ?? '', from.identity);
      request.headers.set(
        'x-forwarded-client-cert',
        chain === undefined ? certificate : `${chain},${certificate}`,
      );
    }
    const host = this.#routes?.hostBehind(this.#container.network.ip, port);
    const service = host ?? 'InboundPassthroughCluster';
    const result = await this.#base.untilAnswered(request, (progress) =>
      this.#deliverInside(port, request, { from, progress, service }),
    );
    if (host !== undefined) {
      result.response.headers.set('x-envoy-decorator-operation', `${host}:${port}/*`);
    }
    this.#reportInbound({ startMs, request, result }, port, from);
    return this.#base.finish(result, 'istio-envoy');
  }

  outboundConnection(to: Peer, connection: Duplex): void {
    const opening = this.#container.network.open(to, this.#base.caller);
    opening.then(
      (upstream) => join(connection, upstream),
      () => connection.destroy(),
    );
  }

  inboundConnection(port: number, connection: Duplex, from: Caller): void {
    const listener = this.#container.network.listenerOn(port);
    if (listener?.type === 'tcp') listener.accept(connection, from);
    else if (listener?.type === 'http') {
      httpBridge.accept(connection, from, (request) => this.inbound(port, request, from));
    } else connection.destroy();
  }

  #update(): void {
    const { snapshot, workload } = this.#base;
    if (!snapshot) return;
    const labels = this.#container.pod.metadata.labels ?? {};
    this.#routes = new MeshRoutes(snapshot, { labels, namespace: workload.namespace });
  }

  #send(target: Target, request: HttpRequest, progress: Progress): Promise<RoutedResult> {
    const found = this.#routes?.targetOf(target, request);
    return found
      ? this.#route(found, request, progress)
      : this.#passThrough(target, request, progress);
  }

  async #route(
    target: MeshTarget,
    request: HttpRequest,
    progress: Progress,
  ): Promise<RoutedResult> {
    const { snapshot, upstream } = this.#base;
    const { service, port } = target;
    const rules = port.isHttp ? this.#routes?.rulesFor(target) : undefined;
    progress.where = { ...NOWHERE, service: service.host };
    if (!snapshot) return { ...noRoute(), ...progress.where };
    if (rules) {
      const found = firstMatch(rules, partsOf(request));
      if (!found) return { ...noRoute(), ...progress.where };
      const { clock, random } = this.#container;
      const requestPort = port.port.port;
      return applyRoute(found, request, {
        snapshot,
        upstream,
        clock,
        random,
        requestPort,
        progress,
      });
    }
    const cluster = clusterOf(snapshot, service, port, undefined);
    if (!cluster) return { ...noRoute(), ...progress.where };
    const named = { service: service.host, routeName: 'default' };
    progress.where = { ...NOWHERE, ...named, cluster: cluster.name };
    const call = { cluster, timeoutMs: undefined, retries: DEFAULT_RETRIES };
    return { ...(await upstream.send(call, request)), ...named };
  }

  /** A destination that the mesh does not know: sent on as it came (outboundTrafficPolicy ALLOW_ANY). */
  async #passThrough(
    target: Target,
    request: HttpRequest,
    progress: Progress,
  ): Promise<RoutedResult> {
    const { network } = this.#container;
    const [ip] = network.resolve(target.host);
    if (ip === undefined) {
      throw new NetworkError('ENOTFOUND', `Could not resolve host: ${target.host}`);
    }
    const cluster = 'PassthroughCluster';
    progress.where = { ...NOWHERE, cluster, service: cluster, routeName: 'allow_any' };
    return this.#exchange(network.deliver({ ip, port: target.port }, request), request, progress);
  }

  #deliverInside(
    port: number,
    request: HttpRequest,
    {
      from,
      progress,
      service,
    }: { readonly from: Caller; readonly progress: Progress; readonly service: string },
  ): Promise<RoutedResult> {
    const listener = this.#container.network.listenerOn(port);
    progress.where = { ...NOWHERE, service, cluster: `inbound|${port}||`, routeName: 'default' };
    const answer =
      listener?.type === 'http'
        ? listener.handle(request, from)
        : Promise.reject(new NetworkError('ECONNREFUSED', `Nothing listens on port ${port}`));
    return this.#exchange(answer, request, progress);
  }

  /** One exchange without routing or retries. */
  async #exchange(
    answer: Promise<HttpResponse>,
    { signal }: HttpRequest,
    { where }: Progress,
  ): Promise<RoutedResult> {
    const { clock } = this.#container;
    const startMs = clock.now();
    try {
      const answered = fromUpstream(await answer);
      return { ...answered, ...where, upstreamMs: clock.now() - startMs };
    } catch (error) {
      if (!(error instanceof NetworkError) || signal?.aborted) throw error;
      const failed = error.code === 'ECONNRESET' ? connectionClosed : connectionRefused;
      return { ...failed(false), ...where };
    }
  }

  #reportOutbound(passage: Passage, target: Target): void {
    const { network } = this.#container;
    const [address = target.host] = network.resolve(target.host);
    this.#base.report(passage, {
      ...this.#base.upstreamSides(passage.result),
      downstreamLocal: `${address}:${target.port}`,
      downstreamRemote: `${network.ip}:${this.#base.nextPort()}`,
    });
  }

  #reportInbound(passage: Passage, port: number, from: Caller): void {
    const own = `${this.#container.network.ip}:${port}`;
    const isMutualTls = from.identity !== undefined;
    this.#base.report(passage, {
      reporter: 'destination',
      source: from.workload,
      destination: this.#base.workload,
      isMutualTls,
      upstreamHost: own,
      upstreamLocal: `127.0.0.6:${this.#base.nextPort()}`,
      downstreamLocal: own,
      downstreamRemote: `${from.ip}:${from.port}`,
      serverName: isMutualTls ? `outbound_.${port}_._.${passage.result.service}` : '-',
    });
  }
}

/** Hands bytes on both ways until both sides have ended, or one is gone. */
function join(near: Duplex, far: Duplex): void {
  near.pipe(far);
  far.pipe(near);
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    one.on('error', () => other.destroy());
    one.once('close', () => other.destroy());
  }
}

const hashOf = remembering((caller) => createHash('sha256').update(caller).digest('hex'));

/** What the application is told of the caller's certificate; simulated identities have a made-up hash. */
function clientCertificate(own: string, caller: string): string {
  return `By=${own};Hash=${hashOf(caller)};Subject="";URI=${caller}`;
}

const OWN_PORTS: readonly number[] = Object.values(PROXY_PORTS);

function isProxyPort(port: number): boolean {
  return OWN_PORTS.includes(port);
}
