/** Limits of what one proxy keeps for telemetry: unit in the name, reason beside it. */

/**
 * Different sets of labels that a proxy counts by; beyond, those that came first are dropped: hosts of a caller's invention are
 * without end.
 */
export const SERIES_LIMIT = 1_000;

/** Connections whose bytes are counted while they last; of further ones only what they end with. */
export const OPEN_CONNECTIONS_LIMIT = 1_000;

/** Log formats that are kept compiled, for all proxies of the process; all are forgotten when there are more. */
export const FORMATS_LIMIT = 100;

/** Counters of one proxy that its filters name, and listeners of one direction whose requests are counted. */
export const STATISTICS_LIMIT = 2_000;

/** How long a proxy collects spans before it sends them; as long as Envoy's tracers (tracing.zipkin.flush_interval_ms). */
export const FLUSH_MS = 5_000;

/** Spans that a proxy sends at once, without waiting any longer (tracing.opentelemetry.min_flush_spans). */
export const BATCH_LIMIT_SPANS = 512;

/** What an expression for logs or labels may cost for one request: some hundred comparisons, far less than a millisecond. */
export const EXPRESSION_COST_LIMIT = 10_000;
