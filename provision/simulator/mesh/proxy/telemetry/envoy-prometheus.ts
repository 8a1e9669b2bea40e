import type { Statistic } from './envoy-stats.ts';

/** Envoy's statistics of one type in Prometheus' text format, families by name; texts have none. */
export function exposeStatistics(
  statistics: readonly Statistic[],
  type: 'counter' | 'gauge',
): string {
  const families = new Map<string, string[]>();
  for (const statistic of statistics) {
    if (statistic.type !== type) continue;
    const { family, labels } = tagged(statistic.name);
    const line = `${family}{${labels}} ${statistic.value}\n`;
    const lines = families.get(family);
    if (lines) lines.push(line);
    else families.set(family, [line]);
  }
  return [...families]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([family, lines]) => `# TYPE ${family} ${type}\n${lines.join('')}`)
    .join('');
}

/** Parts of a name that Envoy takes out as labels, the last of them first (its tag extraction rules). */
function tagged(name: string): { readonly family: string; readonly labels: string } {
  const labels: string[] = [];
  let rest = name;
  for (const { pattern, label, keeps } of TAGS) {
    const found = pattern.exec(rest)?.groups;
    if (!found) continue;
    labels.push(`${label}="${found['value'] ?? ''}"`);
    rest = `${found['before'] ?? ''}${keeps}${found['after'] ?? ''}`;
  }
  return { family: `envoy_${rest.replaceAll(/[^A-Za-z0-9_]/g, '_')}`, labels: labels.join(',') };
}

const TAGS: readonly {
  readonly pattern: RegExp;
  readonly label: string;
  /** What stays in the name. */
  readonly keeps: string;
}[] = [
  {
    pattern: /^(?<before>.*_rq)_(?<value>\d{3})$/,
    label: 'response_code',
    keeps: '',
  },
  {
    pattern: /^(?<before>.*_rq_)(?<value>\d)xx$/,
    label: 'response_code_class',
    keeps: 'xx',
  },
  {
    pattern:
      /^(?<before>cluster\.)(?<value>xds-grpc|.*?);?\.(?<after>(?:(?<=;\.)|(?<=xds-grpc\.)).*)$/,
    label: 'cluster_name',
    keeps: '',
  },
  {
    pattern: /^(?<before>http\.)(?<value>.*?);\.(?<after>.*)$/,
    label: 'http_conn_manager_prefix',
    keeps: '',
  },
];
