import type { OutlierDetection } from '../../istio/destination-rule.ts';
import { parseDurationMs } from '../../istio/duration.ts';
import type { Endpoint } from '../../xds/endpoint.ts';

const DEFAULT_CONSECUTIVE_5XX = 5;
const DEFAULT_BASE_EJECTION_MS = 30_000;
const DEFAULT_MAX_EJECTION_PERCENT = 10;
/** Longest ejection (Envoy: max_ejection_time). */
const MAX_EJECTION_MS = 300_000;

interface Health {
  serverErrors: number;
  gatewayErrors: number;
  ejections: number;
  ejectedUntilMs: number;
}

/**
 * Envoy's outlier detection for one cluster: endpoints that fail several times in a row get no requests for a while
 * (https://istio.io/latest/docs/reference/config/networking/destination-rule/, OutlierDetection).
 */
export class OutlierDetector {
  readonly #healths = new Map<string, Health>();

  /** Endpoints that are not ejected now. */
  healthy(endpoints: readonly Endpoint[], nowMs: number): readonly Endpoint[] {
    if (this.#healths.size === 0) return endpoints;
    return endpoints.filter((endpoint) => !this.#isEjected(endpoint, nowMs));
  }

  /** Takes note of how a request to an endpoint ended: with a status, or 503 for a connection that failed. */
  record(settings: OutlierDetection, { endpoint, status, endpoints, nowMs }: Outcome): void {
    const health = this.#healthOf(endpoint);
    health.serverErrors = status >= 500 ? health.serverErrors + 1 : 0;
    health.gatewayErrors = status >= 502 && status <= 504 ? health.gatewayErrors + 1 : 0;
    const errorLimit = settings.consecutive5xxErrors ?? DEFAULT_CONSECUTIVE_5XX;
    const gatewayLimit = settings.consecutiveGatewayErrors ?? 0;
    const isOut =
      (errorLimit > 0 && health.serverErrors >= errorLimit) ||
      (gatewayLimit > 0 && health.gatewayErrors >= gatewayLimit);
    if (!isOut || !this.#mayEject(settings, endpoints, nowMs)) return;
    const baseMs = parseDurationMs(settings.baseEjectionTime) ?? DEFAULT_BASE_EJECTION_MS;
    health.ejections++;
    health.ejectedUntilMs = nowMs + Math.min(MAX_EJECTION_MS, baseMs * health.ejections);
    health.serverErrors = 0;
    health.gatewayErrors = 0;
  }

  /** One endpoint may always go, more only up to the percentage. */
  #mayEject(
    { maxEjectionPercent = DEFAULT_MAX_EJECTION_PERCENT }: OutlierDetection,
    endpoints: readonly Endpoint[],
    nowMs: number,
  ): boolean {
    const ejected = endpoints.filter((endpoint) => this.#isEjected(endpoint, nowMs)).length;
    return ejected === 0 || ((ejected + 1) * 100) / endpoints.length <= maxEjectionPercent;
  }

  #isEjected({ ip, port }: Endpoint, nowMs: number): boolean {
    return (this.#healths.get(`${ip}:${port}`)?.ejectedUntilMs ?? 0) > nowMs;
  }

  #healthOf({ ip, port }: Endpoint): Health {
    const key = `${ip}:${port}`;
    let health = this.#healths.get(key);
    if (!health) {
      health = { serverErrors: 0, gatewayErrors: 0, ejections: 0, ejectedUntilMs: 0 };
      this.#healths.set(key, health);
    }
    return health;
  }
}

interface Outcome {
  readonly endpoint: Endpoint;
  readonly status: number;
  /** All endpoints of the cluster. */
  readonly endpoints: readonly Endpoint[];
  readonly nowMs: number;
}
