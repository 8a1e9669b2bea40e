import { type Statistic, statisticsOf } from '../telemetry/envoy-stats.ts';
import { statsMatcher } from '../telemetry/stats-matcher.ts';
import type { AdminSubject } from './subject.ts';

/** The statistics that a proxy keeps, by name. */
export function keptStatistics(subject: AdminSubject): readonly Statistic[] {
  const { container, upstream, reporter, configuration, startedMs } = subject;
  const isKept = statsMatcher(container.pod, container.env['PROXY_CONFIG']);
  return statisticsOf({
    clusters: upstream.statistics(),
    counters: reporter.statistics.entries(),
    configuration: configuration(),
    upSeconds: Math.floor((container.clock.now() - startedMs) / 1_000),
  }).filter(({ name }) => isKept(name));
}
