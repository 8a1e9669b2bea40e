import type { HttpResponse } from '../../../net/http.ts';
import { compilePattern, patternProblem } from '../../../pattern.ts';
import type { Statistic } from '../telemetry/envoy-stats.ts';
import { answer } from './answer.ts';
import { keptStatistics } from './kept-statistics.ts';
import { METRICS_TYPE, prometheusPage } from './metrics-page.ts';
import type { AdminSubject } from './subject.ts';

/** `GET /stats` with `filter`, `usedonly`, `type` and `format` (https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--stats). */
export function stats(subject: AdminSubject, query: URLSearchParams): HttpResponse {
  const format = query.get('format') ?? 'text';
  const filter = query.get('filter');
  const type = query.get('type') ?? 'All';
  if (filter !== null && patternProblem(filter) !== undefined) {
    return answer(400, `Invalid re2 regex: ${filter}\n`);
  }
  if (!Object.hasOwn(TYPES, type)) {
    return answer(400, 'invalid &type= param');
  }
  if (format === 'prometheus') return answer(200, prometheusPage(subject), METRICS_TYPE);
  if (format !== 'text' && format !== 'json') {
    return answer(404, 'usage: /stats?format=(html|active-html|json|prometheus|text)\n');
  }
  const isWanted = filter === null ? () => true : compilePattern(`.*(${filter}).*`).isWhole;
  const shown = keptStatistics(subject).filter(
    (one) =>
      isWanted(one.name) &&
      (TYPES[type]?.includes(one.type) ?? false) &&
      !(query.has('usedonly') && one.value === 0),
  );
  const sorted = [
    ...shown.filter((one) => one.type === 'text'),
    ...shown.filter((one) => one.type !== 'text'),
  ];
  if (format === 'text') return answer(200, sorted.map(line).join(''));
  const page = { stats: sorted.map(({ name, value }) => ({ name, value })) };
  return answer(200, JSON.stringify(page), 'application/json');
}

const TYPES: Readonly<Record<string, readonly Statistic['type'][]>> = {
  All: ['counter', 'gauge', 'text'],
  Counters: ['counter'],
  Gauges: ['gauge'],
  Histograms: [],
  TextReadouts: ['text'],
};

function line({ name, value }: Statistic): string {
  return typeof value === 'string' ? `${name}: "${value}"\n` : `${name}: ${value}\n`;
}
