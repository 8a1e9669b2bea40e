import { randomUUID } from 'node:crypto';

import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import { type CallerIdentity, NetworkError, type WorkloadMetadata } from '../../net/network.ts';
import type { ContainerContext } from '../../programs/program.ts';
import { identityOf, workloadOf } from '../pilot/snapshot.ts';
import { openAdminPorts } from './admin-ports.ts';
import { clientGone, withFlag } from './answers.ts';
import { ControlPlane } from './control-plane.ts';
import { newProgress, type Progress, type RoutedResult } from './http-routing.ts';
import { type AccessLogEntry, formatAccessLog } from './telemetry/access-log.ts';
import { type RequestFacts, RequestMetrics } from './telemetry/metrics.ts';
import { Upstream } from './upstream.ts';
import { whileWanted } from './while-wanted.ts';

const FIRST_PORT = 32_768;
const PORTS = 28_000;

/** A request that has passed, with what became of it. */
export interface Passage {
  readonly startMs: number;
  readonly request: HttpRequest;
  readonly result: RoutedResult;
}

/** What differs in telemetry between gateways and the two directions of a sidecar. */
type Sides = Pick<RequestFacts, 'reporter' | 'source' | 'destination' | 'isMutualTls'> &
  Pick<
    AccessLogEntry,
    'upstreamHost' | 'upstreamLocal' | 'downstreamLocal' | 'downstreamRemote' | 'serverName'
  >;

/** What sidecars and gateways share: identity, the line to istiod, upstream, telemetry, the admin ports. */
export class ProxyBase implements Disposable {
  readonly workload: WorkloadMetadata;
  /** What other proxies learn of this one. */
  readonly caller: CallerIdentity;
  readonly upstream: Upstream;
  readonly #metrics = new RequestMetrics();
  readonly #container: ContainerContext;
  readonly #controlPlane: ControlPlane;
  readonly #stack = new DisposableStack();
  #port = 0;

  constructor(container: ContainerContext, onSnapshot: () => void) {
    const { network, clock, random, pod, env } = container;
    this.#container = container;
    this.workload = workloadOf(pod);
    this.caller = {
      identity: identityOf(this.workload),
      workload: this.workload,
    };
    this.upstream = new Upstream({ network, clock, random, caller: this.caller });
    const isReady = () => this.snapshot !== undefined;
    this.#stack.use(
      openAdminPorts({ container, metrics: this.#metrics, upstream: this.upstream, isReady }),
    );
    this.#controlPlane = this.#stack.use(
      new ControlPlane({
        network,
        clock,
        address: env['CA_ADDR'] ?? 'istiod.istio-system.svc:15012',
        // The first word may come from within the constructor of the line itself.
        onSnapshot: () => queueMicrotask(onSnapshot),
      }),
    );
  }

  get snapshot() {
    return this.#controlPlane.snapshot;
  }

  /** A port on this side of a connection, for the log. */
  nextPort(): number {
    this.#port = (this.#port + 2) % PORTS;
    return FIRST_PORT + this.#port;
  }

  /** The result of the work, or that its caller has gone in the meantime (status 0, flag DC). */
  async untilAnswered(
    { signal }: HttpRequest,
    work: (progress: Progress) => Promise<RoutedResult>,
  ): Promise<RoutedResult> {
    const progress = newProgress();
    try {
      return await whileWanted(signal, work(progress));
    } catch (error) {
      if (!signal?.aborted) throw error;
      const gone = { ...clientGone(), ...progress.where };
      return progress.isDelayed ? withFlag(gone, 'DI') : gone;
    }
  }

  /** The answer with the headers that Envoy gives every answer. @throws NetworkError when the caller has gone */
  finish(result: RoutedResult, server: 'envoy' | 'istio-envoy'): HttpResponse {
    const { response, upstreamMs } = result;
    if (response.status === 0) {
      throw new NetworkError('ECONNRESET', 'The caller has gone away');
    }
    const { headers } = response;
    headers.set('server', server);
    if (!headers.has('date')) headers.set('date', this.#date());
    if (upstreamMs !== undefined) {
      headers.set('x-envoy-upstream-service-time', String(Math.round(upstreamMs)));
    }
    return response;
  }

  /** Counts a request that has passed, and writes the access log where the mesh wants one. */
  report({ startMs, request, result }: Passage, sides: Sides): void {
    const { response, flags } = result;
    const durationMs = this.#container.clock.now() - startMs;
    this.#metrics.record({
      ...sides,
      service: result.service || 'unknown',
      code: response.status,
      flags,
      durationMs,
      requestBytes: request.body.length,
      responseBytes: response.body.length,
    });
    if (this.snapshot?.accessLogFile !== '/dev/stdout') return;
    this.#container.log(
      formatAccessLog({
        ...sides,
        startMs,
        request,
        code: response.status,
        flags,
        details: result.details,
        responseBytes: response.body.length,
        durationMs,
        upstreamMs: result.upstreamMs,
        upstreamCluster: result.cluster,
        routeName: result.routeName,
      }),
    );
  }

  /** The sides of a request that this proxy has sent on to the mesh, without those towards its caller. */
  upstreamSides({ endpoint }: RoutedResult) {
    return {
      reporter: 'source',
      source: this.workload,
      destination: endpoint?.workload,
      isMutualTls: endpoint?.hasSidecar ?? false,
      upstreamHost: endpoint ? `${endpoint.ip}:${endpoint.port}` : '-',
      upstreamLocal: endpoint ? `${this.#container.network.ip}:${this.nextPort()}` : '-',
      serverName: '-',
    } as const;
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  #dateOf: { readonly second: number; readonly text: string } | undefined;

  #date(): string {
    const second = Math.floor(this.#container.clock.now() / 1_000);
    if (this.#dateOf?.second !== second) {
      this.#dateOf = { second, text: new Date(second * 1_000).toUTCString() };
    }
    return this.#dateOf.text;
  }
}

/** Headers that every request has once it has passed a proxy. */
export function withProxyHeaders(request: HttpRequest): HttpRequest {
  const headers = request.headers.clone();
  if (!headers.has('x-request-id')) headers.set('x-request-id', randomUUID());
  if (!headers.has('x-forwarded-proto')) headers.set('x-forwarded-proto', 'http');
  return { ...request, headers };
}
