import { type Clock, sleep } from '../../../clock.ts';
import type { HttpRequest, Peer } from '../../../net/http.ts';
import {
  type CallerIdentity,
  NetworkError,
  type NetworkInterface,
  PlainTextError,
} from '../../../net/network.ts';
import type { ConsistentHash } from '../../istio/destination-rule.ts';
import type { Cluster } from '../../xds/cluster.ts';
import type { Endpoint } from '../../xds/endpoint.ts';
import type { RetryPolicy } from '../../xds/route.ts';
import {
  connectionClosed,
  connectionRefused,
  connectionTimedOut,
  fromUpstream,
  noHealthyUpstream,
  overflow,
  type ProxyAnswer,
  timedOut,
  tlsFailed,
  tlsRefused,
  withFlag,
} from '../http/answers.ts';
import type { HttpStream } from '../http/stream.ts';
import { hostOf } from '../http/virtual-hosts.ts';
import type { MaterialSource } from '../tls/material.ts';
import { TlsFailure } from '../tls/originate.ts';
import { deliverSecurely } from '../tls/secure-delivery.ts';
import { Balancer } from './balancer.ts';
import { ConnectionPool, type PoolStatistics } from './connection-pool.ts';
import { currentEndpoints } from './endpoints.ts';
import { OutlierDetector } from './outliers.ts';
import { backOffMs, type Failure, retriesFailure, retriesStatus } from './retries.ts';

/** Where a request goes, and how long and how often it is tried. */
export interface UpstreamCall {
  readonly cluster: Cluster;
  /** undefined or 0: no limit. */
  readonly timeoutMs: number | undefined;
  readonly retries: RetryPolicy;
  readonly hash?: ConsistentHash | undefined;
}

interface Attempt {
  readonly answer: ProxyAnswer;
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

export interface UpstreamOptions {
  readonly network: NetworkInterface;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** What the other side's proxy learns of this one. */
  readonly caller: CallerIdentity;
  /** Certificates for TLS that the proxy starts itself. */
  readonly material: MaterialSource;
}

/** Sends requests to clusters: chooses endpoints, retries, breaks circuits, gives up in time. One per proxy. */
export class Upstream {
  readonly #options: UpstreamOptions;
  readonly #states = new Map<string, ClusterState>();

  constructor(options: UpstreamOptions) {
    this.#options = options;
  }

  /** Counts of each cluster that has been used, by name. */
  statistics(): ReadonlyMap<string, PoolStatistics> {
    return new Map([...this.#states].map(([name, { pool }]) => [name, pool.statistics]));
  }

  /** Sets all counts to zero. */
  resetStatistics(): void {
    for (const { pool } of this.#states.values()) pool.resetStatistics();
  }

  /** The endpoints of a cluster as they are now; none for those that go where the caller wants. */
  endpoints(cluster: Cluster): readonly Endpoint[] {
    if (cluster.type === 'ORIGINAL_DST') return cluster.endpoints;
    return currentEndpoints(cluster, NOWHERE, this.#options.network);
  }

  /** Whether an endpoint gets requests: false while outlier detection keeps it out. */
  isHealthy({ name }: Cluster, endpoint: Endpoint): boolean {
    const state = this.#states.get(name);
    return !state || state.outliers.healthy([endpoint], this.#options.clock.now()).length > 0;
  }

  /** An endpoint for a connection whose bytes nobody looks at; undefined when there is none. */
  pick(cluster: Cluster, destination: Peer, request: HttpRequest): Endpoint | undefined {
    const state = this.#stateOf(cluster);
    const endpoints = currentEndpoints(cluster, destination, this.#options.network);
    return state.balancer.choose({
      policy: cluster.policy.loadBalancer,
      hash: undefined,
      endpoints: state.outliers.healthy(endpoints, this.#options.clock.now()),
      tried: [],
      request,
    });
  }

  /** Sends the stream's request, and notes in the stream where it went. Rejects only when the caller has gone. */
  async send(call: UpstreamCall, stream: HttpStream): Promise<ProxyAnswer> {
    if (!call.timeoutMs) return this.#tryAll(call, stream, stream.request);
    return this.#within(call.timeoutMs, stream.request, {
      work: (limited) => this.#tryAll(call, stream, limited),
      late: timedOut,
    });
  }

  async #tryAll(
    { cluster, retries, hash }: UpstreamCall,
    stream: HttpStream,
    request: HttpRequest,
  ): Promise<ProxyAnswer> {
    const { clock, random, network } = this.#options;
    const state = this.#stateOf(cluster);
    const tried: Endpoint[] = [];
    for (;;) {
      const wanted =
        cluster.type === 'DYNAMIC_FORWARD_PROXY'
          ? { ...stream.destination, name: hostOf(request.authority) }
          : stream.destination;
      const endpoints = currentEndpoints(cluster, wanted, network);
      const endpoint = state.balancer.choose({
        policy: cluster.policy.loadBalancer,
        hash,
        endpoints: state.outliers.healthy(endpoints, clock.now()),
        tried: retries.avoidsTried === false ? [] : tried,
        request,
      });
      if (!endpoint) {
        stream.endpoint = undefined;
        return noHealthyUpstream();
      }
      tried.push(endpoint);
      stream.endpoint = endpoint;
      stream.attempts = tried.length;
      request.headers.set('x-envoy-attempt-count', String(tried.length));
      const attempt = await this.#tryOnce(cluster, retries, { stream, request, endpoint });
      const { answer } = attempt;
      if (attempt.isFinal || !isWorthRetrying(attempt, retries)) return answer;
      if (tried.length > retries.attempts) {
        return retries.attempts > 0 ? withFlag(answer, 'URX') : answer;
      }
      await sleep(clock, backOffMs(tried.length, retries, random), request.signal);
    }
  }

  async #tryOnce(cluster: Cluster, retries: RetryPolicy, target: Delivery): Promise<Attempt> {
    const { stream, endpoint } = target;
    const { pool, balancer } = this.#stateOf(cluster);
    const isAdmitted = pool.acquire(cluster.policy);
    if (!(isAdmitted === true || (await isAdmitted))) {
      stream.endpoint = undefined;
      return { answer: overflow(), isFinal: true };
    }
    balancer.begin(endpoint);
    try {
      const { perTryTimeoutMs } = retries;
      if (!perTryTimeoutMs) return await this.#exchange(cluster, target);
      return await this.#within<Attempt>(perTryTimeoutMs, target.request, {
        work: (limited) => this.#exchange(cluster, { ...target, request: limited }),
        late: () => ({ answer: timedOut(), failure: 'timeout' }),
      });
    } finally {
      balancer.end(endpoint);
      pool.release();
    }
  }

  async #exchange(cluster: Cluster, { stream, request, endpoint }: Delivery): Promise<Attempt> {
    const { clock } = this.#options;
    const wasRetried = stream.attempts > 1;
    const startMs = clock.now();
    stream.upstreamMs = undefined;
    try {
      const isInbound = stream.manager.direction === 'INBOUND';
      const sent = isInbound
        ? this.#deliverInside(endpoint.port, request, stream)
        : this.#deliver(cluster, endpoint, request);
      const answer = fromUpstream(await sent);
      this.note(cluster, endpoint, answer.response.status);
      stream.upstreamMs = clock.now() - startMs;
      return { answer };
    } catch (error) {
      if (!(error instanceof NetworkError) || request.signal?.aborted) throw error;
      this.note(cluster, endpoint, 503);
      if (error instanceof TlsFailure) {
        stream.transportFailure = error.reason;
        return { answer: tlsFailed(error.reason, wasRetried), failure: 'refused' };
      }
      if (error instanceof PlainTextError) {
        return { answer: tlsRefused(wasRetried), failure: 'refused' };
      }
      if (error.code === 'ECONNRESET') {
        return { answer: connectionClosed(wasRetried), failure: 'reset' };
      }
      const answer = error.code === 'ETIMEDOUT' ? connectionTimedOut : connectionRefused;
      return { answer: answer(wasRetried), failure: 'refused' };
    }
  }

  #deliver(cluster: Cluster, endpoint: Endpoint, request: HttpRequest) {
    const settings = cluster.policy.tls;
    const mode = settings?.mode;
    const { network, caller, material } = this.#options;
    if (settings && (mode === 'SIMPLE' || mode === 'MUTUAL')) {
      return deliverSecurely(request, { endpoint, settings, network, material });
    }
    const isMutual = speaksMutualTls(cluster, endpoint);
    return network.deliver(
      endpoint,
      request,
      isMutual ? { ...caller, serverName: serverNameOf(cluster) } : {},
    );
  }

  /** From a sidecar to the application beside it. */
  #deliverInside(port: number, request: HttpRequest, { peer }: HttpStream) {
    const listener = this.#options.network.listenerOn(port);
    return listener?.type === 'http'
      ? listener.handle(request, peer)
      : Promise.reject(new NetworkError('ECONNREFUSED', `Nothing listens on port ${port}`));
  }

  /** Takes note of how a connection or request to an endpoint ended: with a status, 503 for one that failed. */
  note(cluster: Cluster, endpoint: Endpoint, status: number): void {
    const { outlierDetection } = cluster.policy;
    if (!outlierDetection) return;
    this.#stateOf(cluster).outliers.record(outlierDetection, {
      endpoint,
      status,
      endpoints: cluster.endpoints,
      nowMs: this.#options.clock.now(),
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
    const timer = this.#options.clock.after(limitMs, () => {
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
        balancer: new Balancer(this.#options.random),
        pool: new ConnectionPool(),
        outliers: new OutlierDetector(),
      };
      this.#states.set(name, state);
    }
    return state;
  }
}

const NOWHERE: Peer = { ip: '', port: 0 };

interface Delivery {
  readonly stream: HttpStream;
  readonly request: HttpRequest;
  readonly endpoint: Endpoint;
}

/** Whether mutual TLS of the mesh is spoken to an endpoint: where the rule says so, else where a proxy is known to be (auto mTLS). */
export function speaksMutualTls({ policy }: Cluster, { hasSidecar }: Endpoint): boolean {
  const mode = policy.tls?.mode;
  return mode === undefined ? hasSidecar : mode === 'ISTIO_MUTUAL';
}

/** SNI of mutual TLS between proxies, if the rule has none of its own: `outbound_.9080_._.reviews.default.svc.cluster.local`. */
export function serverNameOf({ host, port, subset, policy }: Cluster): string {
  return policy.tls?.sni || `outbound_.${port}_.${subset}_.${host}`;
}

function isWorthRetrying({ failure, answer }: Attempt, retries: RetryPolicy): boolean {
  return failure
    ? retriesFailure(retries, failure)
    : retriesStatus(retries, answer.response.status);
}
