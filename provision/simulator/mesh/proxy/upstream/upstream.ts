import { type Clock, sleep } from '../../../clock.ts';
import type { HttpRequest, Peer } from '../../../net/http.ts';
import { NetworkError } from '../../../net/network.ts';
import type { ConsistentHash, LocalityLoadBalancing } from '../../istio/destination-rule.ts';
import type { Cluster } from '../../xds/cluster.ts';
import type { Endpoint } from '../../xds/endpoint.ts';
import type { RetryPolicy } from '../../xds/route.ts';
import {
  fromUpstream,
  noHealthyUpstream,
  overflow,
  perTryTimedOut,
  type ProxyAnswer,
  timedOut,
  withFlag,
} from '../http/answers.ts';
import type { HttpStream } from '../http/stream.ts';
import { hostOf } from '../http/virtual-hosts.ts';
import { whileWanted } from '../http/while-wanted.ts';
import { hashKeyOf } from './balancing/hash-key.ts';
import { localEndpoints, type Standpoint } from './balancing/localities.ts';
import { type ClusterState, ClusterStates } from './cluster-state.ts';
import { type Delivery, deliver, type DeliveryOptions, failureOf } from './delivery.ts';
import { addressOf, currentEndpoints } from './endpoints.ts';
import { patienceOf } from './request-settings.ts';
import { backOffMs, type Failure, retriesAnswer, retriesFailure } from './retries.ts';
import type { ClusterStatistics } from './statistics.ts';

export { serverNameOf, speaksMutualTls } from './delivery.ts';

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

export interface UpstreamOptions extends DeliveryOptions {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Where the proxy stands, for what is near to it; undefined where nobody knows. */
  readonly standpoint?: () => Standpoint;
}

/** What one request keeps from try to try. */
interface Trial {
  readonly cluster: Cluster;
  readonly retries: RetryPolicy;
  readonly state: ClusterState;
  readonly by: Choice['by'];
  readonly tried: Endpoint[];
}

type Choice = Parameters<ClusterState['balancer']['choose']>[0];

/** Sends requests to clusters: chooses endpoints, retries, breaks circuits, gives up in time. One per proxy. */
export class Upstream {
  readonly #options: UpstreamOptions;
  readonly #states: ClusterStates;

  constructor(options: UpstreamOptions) {
    this.#options = options;
    this.#states = new ClusterStates(options.random);
  }

  /** Counts of each cluster that has been used, by name. */
  statistics(): ReadonlyMap<string, ClusterStatistics> {
    return this.#states.statistics();
  }

  /** Sets all counts to zero. */
  resetStatistics(): void {
    this.#states.resetStatistics();
  }

  /** The endpoints of a cluster as they are now; none for those that go where the caller wants. */
  endpoints(cluster: Cluster): readonly Endpoint[] {
    if (cluster.type === 'ORIGINAL_DST') return cluster.endpoints;
    return currentEndpoints(cluster, NOWHERE, this.#options.network);
  }

  /** Whether an endpoint gets requests: false while outlier detection keeps it out. */
  isHealthy(cluster: Cluster, endpoint: Endpoint): boolean {
    const { outlierDetection } = cluster.policy;
    const outliers = this.#states.known(cluster)?.outliers;
    const nowMs = this.#options.clock.now();
    return !outliers || outliers.healthy([endpoint], outlierDetection, nowMs).length > 0;
  }

  /** An endpoint for a connection whose bytes nobody looks at; undefined when there is none. */
  pick(cluster: Cluster, destination: Peer, request: HttpRequest, peer = destination) {
    const { consistentHash } = cluster.policy.loadBalancer ?? {};
    const key = consistentHash && hashKeyOf(consistentHash, request, { peer, destination });
    return this.#choose(cluster, destination, {
      tried: [],
      by: key && { settings: consistentHash, hash: key.hash },
    });
  }

  /** Sends the stream's request, and notes in the stream where it went. Rejects only when the caller has gone. */
  async send(call: UpstreamCall, stream: HttpStream): Promise<ProxyAnswer> {
    const { cluster, hash } = call;
    const { timeoutMs, retries } = patienceOf(stream.request.headers, call);
    const state = this.#states.of(cluster);
    const key = hash && hashKeyOf(hash, stream.request, stream);
    const by = key && { settings: hash, hash: key.hash };
    const trial = { cluster, retries, state, by, tried: [] };
    const answer = timeoutMs
      ? await this.#within(timeoutMs, stream.request, {
          work: (limited) => this.#tryAll(trial, stream, limited),
          late: () => this.#late(trial, stream),
        })
      : await this.#tryAll(trial, stream, stream.request);
    state.pool.counters.addStatus(answer.response.status);
    if (key?.setCookie) answer.response.headers.append('set-cookie', key.setCookie);
    return answer;
  }

  #late({ cluster, state }: Trial, { endpoint }: HttpStream): ProxyAnswer {
    state.pool.counters.add('upstream_rq_timeout');
    if (endpoint) this.note(cluster, endpoint, 504, true);
    return timedOut();
  }

  async #tryAll(trial: Trial, stream: HttpStream, request: HttpRequest): Promise<ProxyAnswer> {
    const { clock, random } = this.#options;
    const { retries, state, tried } = trial;
    let isRetry = false;
    try {
      for (;;) {
        const attempt = await this.#tryNext(trial, stream, request);
        if (isRetry) state.pool.endRetry();
        const answer = finalAnswer(trial, attempt, isRetry);
        isRetry = answer === undefined;
        if (answer) return answer;
        await sleep(clock, backOffMs(tried.length, retries, random), request.signal);
      }
    } finally {
      if (isRetry) state.pool.endRetry();
    }
  }

  async #tryNext(trial: Trial, stream: HttpStream, request: HttpRequest): Promise<Attempt> {
    const { cluster, retries, state, by, tried } = trial;
    const wanted =
      cluster.type === 'DYNAMIC_FORWARD_PROXY'
        ? { ...stream.destination, name: hostOf(request.authority) }
        : stream.destination;
    const avoided = retries.avoidsTried === false ? [] : tried;
    const endpoint = this.#choose(cluster, wanted, { tried: avoided, by });
    stream.endpoint = endpoint;
    if (!endpoint) {
      state.pool.counters.add('upstream_cx_none_healthy');
      return { answer: noHealthyUpstream(), isFinal: true };
    }
    tried.push(endpoint);
    stream.attempts = tried.length;
    if (stream.manager.direction === 'OUTBOUND') {
      request.headers.set('x-envoy-attempt-count', String(tried.length));
    }
    return this.#tryOnce(trial, { stream, request, endpoint });
  }

  #choose(
    cluster: Cluster,
    wanted: Peer,
    { tried, by }: Pick<Choice, 'tried' | 'by'>,
  ): Endpoint | undefined {
    const { network, clock, random, standpoint } = this.#options;
    const { loadBalancer, outlierDetection } = cluster.policy;
    const { balancer, outliers } = this.#states.of(cluster);
    const nowMs = clock.now();
    const all = currentEndpoints(cluster, wanted, network);
    const serving = all.every(isServing) ? all : all.filter(isServing);
    const kept = outliers.healthy(serving, outlierDetection, nowMs);
    // Where too few are well, all are asked.
    const leastPercent = outlierDetection?.minHealthPercent ?? 0;
    const isPanic = kept.length * 100 < leastPercent * all.length;
    const healthy = isPanic ? all : kept;
    const settings = loadBalancer?.localityLbSetting ?? NO_LOCALITIES;
    const failsOver = outlierDetection !== undefined;
    const endpoints =
      standpoint && (failsOver || settings.distribute) && all.length > 1 && !isPanic
        ? localEndpoints(all, healthy, { settings, failsOver, standpoint: standpoint(), random })
        : healthy;
    return balancer.choose({ policy: loadBalancer, by, endpoints, tried, nowMs });
  }

  async #tryOnce({ cluster, retries, state }: Trial, target: Delivery): Promise<Attempt> {
    const { clock } = this.#options;
    const { stream, endpoint, request } = target;
    const { pool, balancer } = state;
    const host = addressOf(endpoint);
    const { policy } = cluster;
    const given = pool.acquire({ host, policy, nowMs: clock.now(), signal: request.signal });
    const lease = given instanceof Promise ? await given : given;
    if (!lease) {
      stream.endpoint = undefined;
      return { answer: overflow(), isFinal: true };
    }
    balancer.begin(endpoint);
    let isBroken = true;
    try {
      const attempt = await this.#exchangeInTime(cluster, retries, target);
      isBroken = attempt.failure !== undefined;
      if (attempt.failure === 'refused') pool.counters.add('upstream_cx_connect_fail');
      if (attempt.failure === 'reset') pool.counters.add('upstream_rq_rx_reset');
      if (attempt.failure === 'timeout') pool.counters.add('upstream_rq_per_try_timeout');
      return attempt;
    } finally {
      balancer.end(endpoint);
      pool.release(lease, clock.now(), isBroken);
      if (request.signal?.aborted) pool.counters.add('upstream_rq_tx_reset');
    }
  }

  #exchangeInTime(
    cluster: Cluster,
    { perTryTimeoutMs }: RetryPolicy,
    target: Delivery,
  ): Promise<Attempt> {
    if (!perTryTimeoutMs) return this.#exchange(cluster, target);
    return this.#within<Attempt>(perTryTimeoutMs, target.request, {
      work: (limited) => this.#exchange(cluster, { ...target, request: limited }),
      late: () => {
        this.note(cluster, target.endpoint, 504, true);
        return { answer: perTryTimedOut(), failure: 'timeout' };
      },
    });
  }

  async #exchange(cluster: Cluster, target: Delivery): Promise<Attempt> {
    const { clock } = this.#options;
    const { stream, request, endpoint } = target;
    const startMs = clock.now();
    stream.upstreamMs = undefined;
    try {
      const sent = deliver(cluster, target, this.#options);
      // A place that others wait for is free as soon as the caller has gone.
      const isLimited = cluster.policy.connectionPool !== undefined;
      const answer = fromUpstream(await (isLimited ? whileWanted(request.signal, sent) : sent));
      this.note(cluster, endpoint, answer.response.status);
      stream.upstreamMs = clock.now() - startMs;
      return { answer };
    } catch (error) {
      if (!(error instanceof NetworkError) || request.signal?.aborted) throw error;
      this.note(cluster, endpoint, 503, true);
      const failed = failureOf(error, stream.attempts > 1);
      if ('reason' in error && typeof error.reason === 'string') {
        stream.transportFailure = error.reason;
      }
      return failed;
    }
  }

  /**
   * Takes note of how a connection or request to an endpoint ended: with a status, 503 for a connection that failed and 504 for no
   * answer in time; `isLocal` when the proxy says so and not the endpoint.
   */
  note(cluster: Cluster, endpoint: Endpoint, status: number, isLocal = false): void {
    const { outlierDetection } = cluster.policy;
    if (!outlierDetection) return;
    this.#states.of(cluster).outliers.record(outlierDetection, {
      endpoint,
      status,
      isLocal,
      endpointCount: this.endpoints(cluster).length,
      nowMs: this.#options.clock.now(),
    });
  }

  /** Takes note of whether a connection to an endpoint could be made, for what is not HTTP. */
  noteConnection(cluster: Cluster, endpoint: Endpoint, isMade: boolean): void {
    this.note(cluster, endpoint, isMade ? 200 : 503, true);
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
}

const NOWHERE: Peer = { ip: '', port: 0 };
const NO_LOCALITIES: LocalityLoadBalancing = {};

function isServing({ health = 'HEALTHY' }: Endpoint): boolean {
  return health === 'HEALTHY';
}

/** What the caller gets after a try; undefined when there is to be another, which is counted. */
function finalAnswer(
  { retries, state: { pool }, tried }: Trial,
  attempt: Attempt,
  wasRetry: boolean,
): ProxyAnswer | undefined {
  const { answer } = attempt;
  if (attempt.isFinal) return answer;
  if (!isWorthRetrying(attempt, retries)) {
    if (wasRetry) pool.counters.add('upstream_rq_retry_success');
    return answer;
  }
  if (retries.attempts === 0) return answer;
  if (tried.length > retries.attempts) {
    pool.counters.add('upstream_rq_retry_limit_exceeded');
    return withFlag(answer, 'URX');
  }
  if (!pool.beginRetry()) return withFlag(answer, 'UO');
  pool.counters.add('upstream_rq_retry');
  return undefined;
}

function isWorthRetrying({ failure, answer }: Attempt, retries: RetryPolicy): boolean {
  return failure ? retriesFailure(retries, failure) : retriesAnswer(retries, answer.response);
}
