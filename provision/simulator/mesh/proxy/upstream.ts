import type { Clock } from '../../clock.ts';
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import { type CallerIdentity, NetworkError, type NetworkInterface } from '../../net/network.ts';
import type { Endpoint, MeshPort, MeshService, MeshSnapshot } from '../pilot/snapshot.ts';
import {
  connectionRefused,
  noCluster,
  noHealthyUpstream,
  type ProxyAnswer,
  timedOut,
} from './answers.ts';
import type { Balancer } from './balancer.ts';

/** Istio's default retry policy: this many more tries, for failures before anything was answered. */
const DEFAULT_RETRIES = 2;

/** Where a request goes, and how long and how often it is tried. */
export interface UpstreamCall {
  readonly snapshot: MeshSnapshot;
  readonly service: MeshService;
  readonly port: MeshPort;
  readonly subset: string | undefined;
  /** undefined: no limit. */
  readonly timeoutMs: number | undefined;
  readonly perTryTimeoutMs: number | undefined;
  /** Tries after the first; undefined: Istio's default policy. */
  readonly retries: number | undefined;
  /** Envoy's conditions, such as `5xx`, or status codes. */
  readonly retryOn: string | undefined;
}

/** What came back, and from where. */
export interface UpstreamResult extends ProxyAnswer {
  readonly endpoint: Endpoint | undefined;
  /** Time from the request to the answer of the endpoint. */
  readonly upstreamMs: number | undefined;
  /** Envoy's name of the cluster: `outbound|9080|v1|reviews.default.svc.cluster.local`. */
  readonly cluster: string;
}

/** Sends requests to services: chooses endpoints, retries, gives up in time. One per proxy. */
export class Upstream {
  readonly #network: NetworkInterface;
  readonly #clock: Clock;
  readonly #balancer: Balancer;
  readonly #caller: CallerIdentity;

  constructor(parts: {
    readonly network: NetworkInterface;
    readonly clock: Clock;
    readonly balancer: Balancer;
    readonly caller: CallerIdentity;
  }) {
    this.#network = parts.network;
    this.#clock = parts.clock;
    this.#balancer = parts.balancer;
    this.#caller = parts.caller;
  }

  async send(call: UpstreamCall, request: HttpRequest): Promise<UpstreamResult> {
    const cluster = `outbound|${call.port.port.port}|${call.subset ?? ''}|${call.service.host}`;
    const rule = call.snapshot.rules.get(call.service.host);
    const subset = call.subset === undefined ? undefined : rule?.subsets.get(call.subset);
    const nothing = { endpoint: undefined, upstreamMs: undefined, cluster };
    if (call.subset !== undefined && !subset) return { ...noCluster(), ...nothing };
    const endpoints = subset ? withLabels(call.port.endpoints, subset.labels) : call.port.endpoints;
    if (endpoints.length === 0) return { ...noHealthyUpstream(), ...nothing };
    const policy = (subset?.policy ?? rule?.policy)?.loadBalancer?.simple;
    const attempt = this.#tryAll({ call, cluster, endpoints, policy }, request);
    if (call.timeoutMs === undefined || call.timeoutMs === 0) return attempt;
    return this.#within(call.timeoutMs, attempt, { ...timedOut(), ...nothing });
  }

  async #tryAll(
    { call, cluster, endpoints, policy }: Attempts,
    request: HttpRequest,
  ): Promise<UpstreamResult> {
    const tries = 1 + (call.retries ?? DEFAULT_RETRIES);
    const tried: Endpoint[] = [];
    let last: UpstreamResult | undefined;
    for (let index = 0; index < tries; index++) {
      const endpoint = this.#balancer.choose(cluster, policy, endpoints, tried);
      if (!endpoint) break;
      tried.push(endpoint);
      const once = this.#tryOnce(endpoint, request, {
        cluster,
        wasRetried: index > 0,
        attempt: index + 1,
      });
      const limited =
        call.perTryTimeoutMs === undefined
          ? once
          : this.#within(call.perTryTimeoutMs, once, {
              ...timedOut(),
              endpoint,
              upstreamMs: undefined,
              cluster,
            });
      last = await limited;
      if (!isRetried(last, call.retryOn)) return last;
    }
    return last ?? { ...noHealthyUpstream(), endpoint: undefined, upstreamMs: undefined, cluster };
  }

  async #tryOnce(
    endpoint: Endpoint,
    request: HttpRequest,
    {
      cluster,
      wasRetried,
      attempt,
    }: { readonly cluster: string; readonly wasRetried: boolean; readonly attempt: number },
  ): Promise<UpstreamResult> {
    request.headers.set('x-envoy-attempt-count', String(attempt));
    const startMs = this.#clock.now();
    this.#balancer.begin(endpoint);
    try {
      const caller = endpoint.hasSidecar ? this.#caller : {};
      const response = await this.#network.deliver(endpoint, request, caller);
      const upstreamMs = this.#clock.now() - startMs;
      return {
        response: copy(response),
        flags: '-',
        details: 'via_upstream',
        endpoint,
        upstreamMs,
        cluster,
      };
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      return { ...connectionRefused(wasRetried), endpoint, upstreamMs: undefined, cluster };
    } finally {
      this.#balancer.end(endpoint);
    }
  }

  async #within<T>(limitMs: number, work: Promise<T>, late: T): Promise<T> {
    const { promise: tooLate, resolve } = Promise.withResolvers<T>();
    const timer = this.#clock.after(limitMs, () => resolve(late));
    try {
      return await Promise.race([work, tooLate]);
    } finally {
      timer[Symbol.dispose]();
    }
  }
}

interface Attempts {
  readonly call: UpstreamCall;
  readonly cluster: string;
  readonly endpoints: readonly Endpoint[];
  readonly policy: string | undefined;
}

/** Failures to connect are always tried again; answers only when the rule names them. */
function isRetried({ flags, response }: UpstreamResult, retryOn: string | undefined): boolean {
  if (flags.startsWith('UF')) return true;
  const conditions = (retryOn ?? '').split(',').map((word) => word.trim());
  const { status } = response;
  return (
    (status >= 500 && conditions.includes('5xx')) ||
    ([502, 503, 504].includes(status) && conditions.includes('gateway-error')) ||
    conditions.includes(String(status))
  );
}

function withLabels(
  endpoints: readonly Endpoint[],
  labels: Readonly<Record<string, string>>,
): readonly Endpoint[] {
  const wanted = Object.entries(labels);
  return endpoints.filter((endpoint) =>
    wanted.every(([key, value]) => endpoint.labels[key] === value),
  );
}

/** The proxy changes headers; the program's own answer stays as it is. */
function copy(response: HttpResponse): HttpResponse {
  return { status: response.status, headers: response.headers.clone(), body: response.body };
}
