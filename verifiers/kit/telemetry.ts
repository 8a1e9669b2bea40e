import type { ClusterReader, ReadObject } from '../verifier.ts';

/** One series of a Prometheus text exposition. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * What a pod's proxy has counted, read from its merged metrics on port 15020 through the API server's proxy
 * (https://istio.io/latest/docs/ops/integrations/prometheus/). Empty when nothing answers.
 */
async function proxySamples(
  cluster: ClusterReader,
  pod: ReadObject,
  metric: string,
): Promise<readonly Sample[]> {
  const { name, namespace = 'default' } = pod.metadata;
  const path = `/api/v1/namespaces/${namespace}/pods/${name}:15020/proxy/stats/prometheus`;
  const answer = await cluster.proxyGet(path);
  return answer?.status === 200 ? parseSamples(answer.body, metric) : [];
}

/** What the proxies of some pods have counted of requests, all together. */
export async function requestSamples(
  cluster: ClusterReader,
  pods: readonly ReadObject[],
): Promise<readonly Sample[]> {
  const samples = await Promise.all(
    pods.map(async (pod) => proxySamples(cluster, pod, 'istio_requests_total')),
  );
  return samples.flat();
}

/** The series of one metric in Prometheus' text format. */
function parseSamples(text: string, metric: string): readonly Sample[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)/.exec(
      line,
    )?.groups;
    if (match?.['name'] !== metric) return [];
    const pairs = [...(match['labels'] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    const labels = Object.fromEntries(pairs.map(([, key, value]) => [key ?? '', value ?? '']));
    return [{ labels, value: Number(match['value']) }];
  });
}

/** Sum of the series whose labels have the given values. */
export function sumWhere(
  samples: readonly Sample[],
  wanted: Readonly<Record<string, string>>,
): number {
  return samples
    .filter(({ labels }) => Object.entries(wanted).every(([key, value]) => labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0);
}
