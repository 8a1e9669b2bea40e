import type { OutlierDetection } from '../../istio/destination-rule.ts';
import { parseDurationMs } from '../../istio/duration.ts';
import type { Endpoint } from '../../xds/endpoint.ts';
import { addressOf } from './endpoints.ts';

const DEFAULT_CONSECUTIVE = 5;
const DEFAULT_INTERVAL_MS = 10_000;
const DEFAULT_BASE_EJECTION_MS = 30_000;
const DEFAULT_MAX_EJECTION_PERCENT = 10;
/** Longest ejection (Envoy: max_ejection_time). */
const MAX_EJECTION_MS = 300_000;

/** What failures in a row may eject for, as Envoy's statistics name it. */
const KINDS = [
  'consecutive_5xx',
  'consecutive_gateway_failure',
  'consecutive_local_origin_failure',
] as const;
type Kind = (typeof KINDS)[number];

interface Health {
  readonly inRow: Record<Kind, number>;
  /** How many times the base time the next ejection lasts, less one; goes down with each interval that passes well. */
  backOff: number;
  /** undefined while requests go there. */
  ejectedAtMs: number | undefined;
}

/** How a request or connection to an endpoint ended. */
export interface Outcome {
  readonly endpoint: Endpoint;
  /** 503 for a connection that failed, 504 for no answer in time. */
  readonly status: number;
  /** Whether the proxy says so, and not the endpoint. */
  readonly isLocal: boolean;
  /** How many endpoints the cluster has. */
  readonly endpointCount: number;
  readonly nowMs: number;
}

/**
 * Envoy's outlier detection for one cluster: endpoints that fail several times in a row are ejected at once, and come back at the
 * first end of an interval after their time
 * (https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier). Intervals are counted when somebody asks.
 */
export class OutlierDetector {
  readonly #healths = new Map<string, Health>();
  readonly #counts = new Map<string, number>();
  #settings: OutlierDetection | undefined;
  #sweptMs = 0;

  /** Endpoints that are not ejected now. */
  healthy(
    endpoints: readonly Endpoint[],
    settings: OutlierDetection | undefined,
    nowMs: number,
  ): readonly Endpoint[] {
    this.#use(settings, nowMs);
    if (this.#healths.size === 0) return endpoints;
    const healthy = endpoints.filter((one) => !this.#isEjected(one));
    return healthy.length === endpoints.length ? endpoints : healthy;
  }

  /** Takes note of how a request to an endpoint, or a connection, ended. */
  record(settings: OutlierDetection, outcome: Outcome): void {
    this.#use(settings, outcome.nowMs);
    const { endpoint, status, isLocal } = outcome;
    const health = this.#healthOf(endpoint, status < 500);
    if (!health) return;
    if (isLocal && status >= 500 && settings.splitExternalLocalOriginErrors) {
      this.#count(health, 'consecutive_local_origin_failure', outcome);
      return;
    }
    // An answer shows that connecting works.
    health.inRow.consecutive_local_origin_failure = 0;
    if (status >= 502 && status <= 504) this.#count(health, 'consecutive_gateway_failure', outcome);
    else health.inRow.consecutive_gateway_failure = 0;
    if (status >= 500) this.#count(health, 'consecutive_5xx', outcome);
    else health.inRow.consecutive_5xx = 0;
  }

  /** Counts as Envoy names them below `outlier_detection.`; none before outlier detection has been asked for. */
  get statistics(): Readonly<Record<string, number>> {
    if (!this.#settings) return {};
    const statistics: Record<string, number> = {
      'outlier_detection.ejections_active': this.#ejected(),
      'outlier_detection.ejections_consecutive_5xx':
        this.#counts.get('ejections_enforced_consecutive_5xx') ?? 0,
    };
    for (const kind of [...KINDS, ...RATES]) {
      for (const how of ['detected', 'enforced']) {
        const name = `ejections_${how}_${kind}`;
        statistics[`outlier_detection.${name}`] = this.#counts.get(name) ?? 0;
      }
    }
    const total = this.#counts.get('ejections_enforced_total') ?? 0;
    return {
      ...statistics,
      'outlier_detection.ejections_enforced_total': total,
      'outlier_detection.ejections_overflow': this.#counts.get('ejections_overflow') ?? 0,
      'outlier_detection.ejections_success_rate': 0,
      'outlier_detection.ejections_total': total,
    };
  }

  resetStatistics(): void {
    this.#counts.clear();
  }

  #count(health: Health, kind: Kind, { endpointCount, nowMs }: Outcome): void {
    const settings = this.#settings ?? {};
    const limit = limitOf(kind, settings);
    if (limit === 0 || ++health.inRow[kind] < limit) return;
    health.inRow[kind] = 0;
    if (health.ejectedAtMs !== undefined) return;
    this.#add(`ejections_detected_${kind}`);
    const { maxEjectionPercent = DEFAULT_MAX_EJECTION_PERCENT } = settings;
    const active = this.#ejected();
    // One may always go, more only up to the percentage.
    if (active > 0 && ((active + 1) * 100) / Math.max(1, endpointCount) > maxEjectionPercent) {
      this.#add('ejections_overflow');
      return;
    }
    this.#add(`ejections_enforced_${kind}`);
    this.#add('ejections_enforced_total');
    health.ejectedAtMs = nowMs;
    if (health.backOff * baseMsOf(settings) < MAX_EJECTION_MS) health.backOff++;
  }

  /** Goes through the intervals that have ended since somebody asked last. */
  #use(settings: OutlierDetection | undefined, nowMs: number): void {
    const before = this.#settings;
    this.#settings = settings;
    if (!settings) {
      if (before) this.#healths.clear();
      return;
    }
    if (!before) this.#sweptMs = nowMs;
    const intervalMs = Math.max(1, parseDurationMs(settings.interval) ?? DEFAULT_INTERVAL_MS);
    const passed = Math.floor((nowMs - this.#sweptMs) / intervalMs);
    if (passed <= 0) return;
    for (const [key, health] of this.#healths) {
      sweep(health, { fromMs: this.#sweptMs, intervalMs, passed }, baseMsOf(settings));
      if (isBlank(health)) this.#healths.delete(key);
    }
    this.#sweptMs += passed * intervalMs;
  }

  #ejected(): number {
    return this.#healths
      .values()
      .reduce((n, one) => n + (one.ejectedAtMs === undefined ? 0 : 1), 0);
  }

  #isEjected(endpoint: Endpoint): boolean {
    return this.#healths.get(addressOf(endpoint))?.ejectedAtMs !== undefined;
  }

  /** Nothing is remembered of an endpoint that never fails. */
  #healthOf(endpoint: Endpoint, isWell: boolean): Health | undefined {
    const key = addressOf(endpoint);
    let health = this.#healths.get(key);
    if (!health && !isWell) {
      const inRow = {
        consecutive_5xx: 0,
        consecutive_gateway_failure: 0,
        consecutive_local_origin_failure: 0,
      };
      health = { inRow, backOff: 0, ejectedAtMs: undefined };
      this.#healths.set(key, health);
    }
    return health;
  }

  #add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }
}

/** Envoy counts for these too; Istio never lets them eject. */
const RATES = [
  'success_rate',
  'local_origin_success_rate',
  'failure_percentage',
  'local_origin_failure_percentage',
];

interface Intervals {
  readonly fromMs: number;
  readonly intervalMs: number;
  readonly passed: number;
}

/** What several ends of intervals do to one endpoint: it comes back at the first after its time, and is trusted more with each other. */
function sweep(health: Health, { fromMs, intervalMs, passed }: Intervals, baseMs: number): void {
  let left = passed;
  if (health.ejectedAtMs !== undefined) {
    const lastsMs = Math.min(baseMs * health.backOff, Math.max(MAX_EJECTION_MS, baseMs));
    const overAt = Math.ceil((health.ejectedAtMs + lastsMs - fromMs) / intervalMs);
    if (overAt > passed) return;
    health.ejectedAtMs = undefined;
    left -= Math.max(1, overAt);
  }
  health.backOff = Math.max(0, health.backOff - left);
}

function isBlank({ inRow, backOff, ejectedAtMs }: Health): boolean {
  return ejectedAtMs === undefined && backOff === 0 && KINDS.every((kind) => inRow[kind] === 0);
}

/** 0: never. */
function limitOf(kind: Kind, settings: OutlierDetection): number {
  if (kind === 'consecutive_gateway_failure') return settings.consecutiveGatewayErrors ?? 0;
  if (kind === 'consecutive_local_origin_failure') {
    return settings.consecutiveLocalOriginFailures ?? DEFAULT_CONSECUTIVE;
  }
  return settings.consecutive5xxErrors ?? settings.consecutiveErrors ?? DEFAULT_CONSECUTIVE;
}

function baseMsOf(settings: OutlierDetection): number {
  return parseDurationMs(settings.baseEjectionTime) ?? DEFAULT_BASE_EJECTION_MS;
}
