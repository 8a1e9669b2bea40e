import { type Clock, sleep } from '../../clock.ts';
import type { HttpRequest } from '../../net/http.ts';
import { type CallerIdentity, NetworkError, type NetworkInterface } from '../../net/network.ts';
import type { Endpoint } from '../pilot/snapshot.ts';
import {
  connectionClosed,
  connectionRefused,
  connectionTimedOut,
  fromUpstream,
  noHealthyUpstream,
  overflow,
  type ProxyAnswer,
  timedOut,
  tlsRefused,
  withFlag,
} from './answers.ts';
import { Balancer } from './balancer.ts';
import type { Cluster } from './clusters.ts';
import { ConnectionPool, type PoolStatistics } from './connection-pool.ts';
import { OutlierDetector } from './outliers.ts';
import {
  backOffMs,
  type Failure,
  retriesFailure,
  retriesStatus,
  type RetryPolicy,
} from './retries.ts';

/** Where a request goes, and how long and how often it is tried. */
export interface UpstreamCall {
  readonly cluster: Cluster;
  /** undefined or 0: no limit. */
  readonly timeoutMs: number | undefined;
  readonly retries: RetryPolicy;
}

/** What came back, and from where. */
export interface UpstreamResult extends ProxyAnswer {
  readonly endpoint: Endpoint | undefined;
  /** Time from the request to the answer of the endpoint. */
  readonly upstreamMs: number | undefined;
  /** Envoy's name of the cluster, `-` for none. */
  readonly cluster: string;
}

interface Attempt extends UpstreamResult {
  /** Why there was no answer from the endpoint; undefined when there was one, or when trying again is of no use. */
  readonly failure?: Failure;
  readonly isFinal?: boolean;
}

/** What a proxy remembers of a cluster from one request to the next, whatever its configuration becomes. */
interface ClusterState {
  readonly balancer: Balancer;
  readonly pool: ConnectionPool;
  readonly outliers: OutlierDetector;
}

/** Sends requests to services: chooses endpoints, retries, breaks circuits, gives up in time. One per proxy. */
export class Upstream {
  readonly #network: NetworkInterface;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #caller: CallerIdentity;
  readonly #states = new Map<string, ClusterState>();

  constructor(parts: {
    readonly network: NetworkInterface;
    readonly clock: Clock;
    readonly random: () => number;
    /** What the other side's proxy learns of this one. */
    readonly caller: CallerIdentity;
  }) {
    this.#network = parts.network;
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#caller = parts.caller;
  }

  /** Counts of each cluster that has been used, by name. */
  statistics(): ReadonlyMap<string, PoolStatistics> {
    return new Map([...this.#states].map(([name, { pool }]) => [name, pool.statistics]));
  }

  /** Rejects only when the caller has gone: the request's signal is aborted then. */
  async send(call: UpstreamCall, request: HttpRequest): Promise<UpstreamResult> {
    const tried: Endpoint[] = [];
    if (!call.timeoutMs) return this.#tryAll(call, request, tried);
    return this.#within(call.timeoutMs, request, {
      work: (limited) => this.#tryAll(call, limited, tried),
      late: () => ({ ...timedOut(), ...nowhere(call.cluster), endpoint: tried.at(-1) }),
    });
  }

  async #tryAll(
    { cluster, retries }: UpstreamCall,
    request: HttpRequest,
    tried: Endpoint[],
  ): Promise<UpstreamResult> {
    const state = this.#stateOf(cluster);
    for (;;) {
      const endpoint = state.balancer.choose({
        policy: cluster.policy.loadBalancer,
        endpoints: state.outliers.healthy(cluster.endpoints, this.#clock.now()),
        tried,
        request,
      });
      if (!endpoint) return { ...noHealthyUpstream(), ...nowhere(cluster) };
      tried.push(endpoint);
      request.headers.set('x-envoy-attempt-count', String(tried.length));
      const attempt = await this.#tryOnce(cluster, endpoint, request, {
        retries,
        wasRetried: tried.length > 1,
      });
      if (attempt.isFinal || !isWorthRetrying(attempt, retries)) return attempt;
      if (tried.length > retries.attempts) {
        return retries.attempts > 0 ? withFlag(attempt, 'URX') : attempt;
      }
      await sleep(this.#clock, backOffMs(tried.length, this.#random), request.signal);
    }
  }

  async #tryOnce(
    cluster: Cluster,
    endpoint: Endpoint,
    request: HttpRequest,
    { retries, wasRetried }: { readonly retries: RetryPolicy; readonly wasRetried: boolean },
  ): Promise<Attempt> {
    const { pool, balancer } = this.#stateOf(cluster);
    const isAdmitted = pool.acquire(cluster.policy);
    if (!(isAdmitted === true || (await isAdmitted))) {
      return { ...overflow(), ...nowhere(cluster), isFinal: true };
    }
    balancer.begin(endpoint);
    try {
      const { perTryTimeoutMs } = retries;
      const work = (limited: HttpRequest) => this.#exchange(cluster, endpoint, limited, wasRetried);
      if (!perTryTimeoutMs) return await work(request);
      return await this.#within<Attempt>(perTryTimeoutMs, request, {
        work,
        late: () => ({
          ...timedOut(),
          ...nowhere(cluster),
          endpoint,
          failure: 'timeout',
        }),
      });
    } finally {
      balancer.end(endpoint);
      pool.release();
    }
  }

  async #exchange(
    cluster: Cluster,
    endpoint: Endpoint,
    request: HttpRequest,
    wasRetried: boolean,
  ): Promise<Attempt> {
    const mode = cluster.policy.tls?.mode;
    const where = { endpoint, upstreamMs: undefined, cluster: cluster.name };
    if (!endpoint.hasSidecar && (mode === 'ISTIO_MUTUAL' || mode === 'MUTUAL')) {
      return { ...tlsRefused(wasRetried), ...where, failure: 'refused' };
    }
    const isMutual = endpoint.hasSidecar && mode !== 'DISABLE' && mode !== 'SIMPLE';
    const startMs = this.#clock.now();
    try {
      const sent = this.#network.deliver(endpoint, request, isMutual ? this.#caller : {});
      const answer = fromUpstream(await sent);
      this.#note(cluster, endpoint, answer.response.status);
      return { ...answer, ...where, upstreamMs: this.#clock.now() - startMs };
    } catch (error) {
      if (!(error instanceof NetworkError) || request.signal?.aborted) throw error;
      this.#note(cluster, endpoint, 503);
      if (error.code === 'ECONNRESET') {
        return { ...connectionClosed(wasRetried), ...where, failure: 'reset' };
      }
      const answer = error.code === 'ETIMEDOUT' ? connectionTimedOut : connectionRefused;
      return { ...answer(wasRetried), ...where, failure: 'refused' };
    }
  }

  #note(cluster: Cluster, endpoint: Endpoint, status: number): void {
    const { outlierDetection } = cluster.policy;
    if (!outlierDetection) return;
    this.#stateOf(cluster).outliers.record(outlierDetection, {
      endpoint,
      status,
      endpoints: cluster.endpoints,
      nowMs: this.#clock.now(),
    });
  }

  /** Gives up after a while: the caller gets `late`, and the endpoint sees its caller go away. */
  async #within<T>(
    limitMs: number,
    request: HttpRequest,
    { work, late }: { readonly work: (limited: HttpRequest) => Promise<T>; readonly late: () => T },
  ): Promise<T> {
    const givenUp = new AbortController();
    const signal = request.signal
      ? AbortSignal.any([request.signal, givenUp.signal])
      : givenUp.signal;
    const { promise: tooLate, resolve } = Promise.withResolvers<T>();
    const timer = this.#clock.after(limitMs, () => {
      resolve(late());
      givenUp.abort();
    });
    const working = work({ ...request, signal });
    // Once it is too late, nobody waits for how the work ends.
    working.catch(() => undefined);
    try {
      return await Promise.race([working, tooLate]);
    } finally {
      timer[Symbol.dispose]();
    }
  }

  #stateOf({ name }: Cluster): ClusterState {
    let state = this.#states.get(name);
    if (!state) {
      state = {
        balancer: new Balancer(this.#random),
        pool: new ConnectionPool(),
        outliers: new OutlierDetector(),
      };
      this.#states.set(name, state);
    }
    return state;
  }
}

function nowhere({ name }: Cluster) {
  return { endpoint: undefined, upstreamMs: undefined, cluster: name };
}

function isWorthRetrying({ failure, response }: Attempt, retries: RetryPolicy): boolean {
  return failure ? retriesFailure(retries, failure) : retriesStatus(retries, response.status);
}
