import { ISTIO_VERSION } from '../../../versions.ts';
import { exposeStatistics } from '../telemetry/envoy-prometheus.ts';
import { keptStatistics } from './kept-statistics.ts';
import type { AdminSubject } from './subject.ts';

/** The type that Prometheus wants to see before it believes a page. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=UTF-8';

/** The proxy's own metrics in Prometheus' text format: counters, gauges, histograms, as Envoy orders them. */
export function prometheusPage(subject: AdminSubject): string {
  const { reporter } = subject;
  reporter.update();
  const { metrics } = reporter;
  const statistics = keptStatistics(subject);
  return [
    exposeStatistics(statistics, 'counter'),
    metrics.exposeCounters(),
    exposeStatistics(statistics, 'gauge'),
    `# TYPE istio_build gauge\nistio_build{component="proxy",tag="${ISTIO_VERSION}"} 1\n`,
    metrics.exposeHistograms(),
  ].join('');
}
