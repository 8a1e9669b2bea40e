import type { PortTrafficPolicy } from '../../istio/destination-rule.ts';
import { type Limits, limitsOf, NO_LIMITS } from './pool-limits.ts';
import { type ClusterStatistics, Counters } from './statistics.ts';

/** Connections that are kept for one endpoint while nobody uses them; the rest is forgotten as if it were closed. */
const IDLE_LIMIT = 1_024;
/** Endpoints to which connections are kept; when there are more, those that nobody uses are closed. */
const HOSTS_LIMIT = 1_000;
/**
 * How often a new connection is not there by the time that the next request comes, where each request needs one of its own; more often
 * while the proxy turns requests away as well. With these the circuit breaking task shows what its page shows.
 */
const SLOW_CONNECTS = 0.07;
const SLOW_CONNECTS_UNDER_PRESSURE = 0.8;
/** How long connecting takes then, in turns of the event loop's jobs: about as long as a request. */
const CONNECTING_TURNS = 30;

/** A connection in use. */
export interface Lease {
  readonly host: string;
  readonly connection: Connection;
}

interface Connection {
  readonly openedMs: number;
  requests: number;
  idleSinceMs: number;
}

interface Host {
  active: number;
  /** Least recently used first. */
  readonly idle: Connection[];
}

interface Waiter {
  readonly host: string;
  readonly admit: (lease: Lease) => void;
}

/** What a pool needs to know of one request. */
export interface Admission {
  /** Address of the endpoint. */
  readonly host: string;
  readonly policy: PortTrafficPolicy;
  readonly nowMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Envoy's connections and circuit breakers of one cluster (https://istio.io/latest/docs/reference/config/networking/destination-rule/,
 * ConnectionPoolSettings): a request without a free connection waits, and where too many wait it is refused at once. Counts as
 * an Envoy with a single worker does; 0 and unset mean no limit. An endpoint without any connection always gets one.
 */
export class ConnectionPool {
  readonly counters = new Counters();
  readonly #hosts = new Map<string, Host>();
  readonly #waiting: Waiter[] = [];
  readonly #random: () => number;
  #active = 0;
  #connecting = 0;
  #retries = 0;
  /** Since a connection was last made. */
  #hasRefused = false;
  #limits: Limits = NO_LIMITS;
  #policy: PortTrafficPolicy | undefined;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Requests that are under way or wait. */
  get open(): number {
    return this.#active + this.#pending;
  }

  get statistics(): ClusterStatistics {
    const limits = this.#limits;
    return {
      ...this.counters.all,
      upstream_cx_active: this.#connections(),
      upstream_rq_active: this.#active,
      upstream_rq_pending_active: this.#pending,
      'circuit_breakers.default.cx_open': isFull(this.#connections(), limits.connections),
      'circuit_breakers.default.cx_pool_open': 0,
      'circuit_breakers.default.rq_open': isFull(this.#active, limits.requests),
      'circuit_breakers.default.rq_pending_open': isFull(this.#pending, limits.pending),
      'circuit_breakers.default.rq_retry_open': isFull(this.#retries, limits.retries),
      ...HIGH_PRIORITY,
    };
  }

  /** Counters begin anew; what is under way stays counted. */
  resetStatistics(): void {
    this.counters.reset();
  }

  /** Whether nothing is under way, so that the pool may be forgotten. */
  get isQuiet(): boolean {
    return this.open === 0;
  }

  /**
   * Takes a connection to an endpoint, at once or after waiting; undefined when the circuit breaker is open. Give it back with
   * `release`. Rejects with the signal's reason.
   */
  acquire(admission: Admission): Lease | undefined | Promise<Lease | undefined> {
    const { host, policy } = admission;
    if (policy !== this.#policy) this.#follow(policy);
    if (this.#active >= this.#limits.requests) return this.#refuse();
    const reused = this.#takeIdle(admission);
    if (reused) return this.#begin(host, reused);
    if (this.#pending >= this.#limits.pending) {
      // A free place is enough where connecting takes no time.
      if (this.#limits.isEachNew || !this.#hasRoom(host)) return this.#refuse();
    }
    if (!this.#hasRoom(host)) {
      this.counters.add('upstream_cx_overflow');
      return this.#wait(admission);
    }
    this.counters.add('upstream_rq_pending_total');
    const lease = this.#begin(host, this.#connect(admission.nowMs));
    return this.#limits.isEachNew ? this.#connected(lease) : lease;
  }

  /** Gives a connection back; `isBroken` when it cannot be used again. */
  release({ host, connection }: Lease, nowMs: number, isBroken: boolean): void {
    const known = this.#hostOf(host);
    known.active--;
    this.#active--;
    const isWorn =
      this.#limits.perConnection > 0 && connection.requests >= this.#limits.perConnection;
    if (isWorn && !isBroken) this.counters.add('upstream_cx_max_requests');
    if (isWorn || isBroken || known.idle.length >= IDLE_LIMIT) {
      this.counters.add('upstream_cx_destroy');
    } else {
      connection.idleSinceMs = nowMs;
      known.idle.push(connection);
    }
    this.#admitNext(nowMs);
    if (known.active === 0 && known.idle.length === 0) this.#hosts.delete(host);
  }

  /** Whether one more retry may be under way; give it back with `endRetry`. */
  beginRetry(): boolean {
    const { budget, retries } = this.#limits;
    const limit = budget ? Math.max(budget.min, (this.open * budget.percent) / 100) : retries;
    if (this.#retries >= limit) {
      this.counters.add('upstream_rq_retry_overflow');
      return false;
    }
    this.#retries++;
    return true;
  }

  endRetry(): void {
    this.#retries--;
  }

  /** With other settings a cluster is another one to Envoy: connections that nobody uses are closed. */
  #follow(policy: PortTrafficPolicy): void {
    this.#policy = policy;
    this.#limits = limitsOf(policy);
    this.#closeIdle();
  }

  #closeIdle(): void {
    for (const [key, { active, idle }] of this.#hosts) {
      for (const _ of idle.splice(0)) this.counters.add('upstream_cx_destroy');
      if (active === 0) this.#hosts.delete(key);
    }
  }

  get #pending(): number {
    return this.#waiting.length + this.#connecting;
  }

  #connections(): number {
    return this.#hosts.values().reduce((sum, { active, idle }) => sum + active + idle.length, 0);
  }

  /** Idle connections to other endpoints do not stand in the way. */
  #hasRoom(host: string): boolean {
    return this.#active < this.#limits.connections || (this.#hosts.get(host)?.active ?? 0) === 0;
  }

  #refuse(): undefined {
    this.#hasRefused = true;
    this.counters.add('upstream_rq_pending_overflow');
  }

  #takeIdle({ host, nowMs }: Admission): Connection | undefined {
    const idle = this.#hosts.get(host)?.idle;
    if (!idle || idle.length === 0) return undefined;
    const { idleMs, longestMs } = this.#limits;
    for (;;) {
      const connection = idle.pop();
      if (!connection) return undefined;
      if (nowMs - connection.idleSinceMs >= idleMs) this.counters.add('upstream_cx_idle_timeout');
      else if (nowMs - connection.openedMs < longestMs) return connection;
      this.counters.add('upstream_cx_destroy');
    }
  }

  #wait({ host, signal }: Admission): Promise<Lease> {
    this.counters.add('upstream_rq_pending_total');
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        this.counters.add('upstream_rq_cancelled');
        const reason: unknown = signal?.reason;
        reject(reason instanceof Error ? reason : new Error('The caller has gone away'));
      };
      const waiter: Waiter = {
        host,
        admit: (lease) => {
          signal?.removeEventListener('abort', onAbort);
          resolve(lease);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiter);
    });
  }

  #admitNext(nowMs: number): void {
    const at = this.#waiting.findIndex(({ host }) => this.#hasRoom(host));
    const [next] = at < 0 ? [] : this.#waiting.splice(at, 1);
    if (!next) return;
    const connection = this.#hosts.get(next.host)?.idle.pop() ?? this.#connect(nowMs);
    next.admit(this.#begin(next.host, connection));
  }

  #connect(nowMs: number): Connection {
    this.counters.add('upstream_cx_total');
    this.counters.add('upstream_cx_http1_total');
    return { openedMs: nowMs, requests: 0, idleSinceMs: nowMs };
  }

  /** The request waits as long as its connection is being made. */
  async #connected(lease: Lease): Promise<Lease> {
    const share = this.#hasRefused ? SLOW_CONNECTS_UNDER_PRESSURE : SLOW_CONNECTS;
    this.#hasRefused = false;
    const turns = this.#random() < share ? CONNECTING_TURNS : 0;
    this.#connecting++;
    for (let turn = 0; turn < turns; turn++) await TURN;
    this.#connecting--;
    return lease;
  }

  #begin(host: string, connection: Connection): Lease {
    this.#hostOf(host).active++;
    this.#active++;
    connection.requests++;
    this.counters.add('upstream_rq_total');
    return { host, connection };
  }

  #hostOf(key: string): Host {
    let host = this.#hosts.get(key);
    if (!host) {
      // Endpoints come and go with their pods.
      if (this.#hosts.size >= HOSTS_LIMIT) this.#closeIdle();
      this.#hosts.set(key, (host = { active: 0, idle: [] }));
    }
    return host;
  }
}

const TURN = Promise.resolve();

/** Istio gives no request a high priority. */
const HIGH_PRIORITY: ClusterStatistics = Object.fromEntries(
  ['cx', 'cx_pool', 'rq', 'rq_pending', 'rq_retry'].map((what) => [
    `circuit_breakers.high.${what}_open`,
    0,
  ]),
);

function isFull(used: number, limit: number): number {
  return used >= limit ? 1 : 0;
}
