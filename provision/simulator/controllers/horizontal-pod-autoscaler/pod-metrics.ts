import type { ClusterClient, Resource } from '../../client/client.ts';
import { listAt, stringAt } from '../../kinds/json.ts';
import type { KubeObject } from '../../kinds/object.ts';
import { apiServices } from '../../kinds/resources.ts';

/** metrics.k8s.io/v1beta1 PodMetrics. */
export interface PodMetrics extends KubeObject {
  readonly timestamp?: string;
  readonly window?: string;
  readonly containers?: readonly {
    readonly name: string;
    readonly usage?: Readonly<Record<string, string>>;
  }[];
}

/** What metrics-server measures of pods. */
export const podMetrics: Resource<PodMetrics> = {
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  plural: 'pods',
  kind: 'PodMetrics',
  isNamespaced: true,
};

/** Measurements of a namespace, or what the API server says when nobody measures. */
export type Measured =
  | { readonly type: 'metrics'; readonly items: readonly PodMetrics[] }
  | { readonly type: 'failed'; readonly message: string };

/** Reads the metrics of a namespace's pods, if an API for them is registered and answers. */
export function measuredIn(client: ClusterClient, namespace: string): Measured {
  const service = client.get(apiServices, 'v1beta1.metrics.k8s.io');
  if (!service) {
    return failed('the server could not find the requested resource (get pods.metrics.k8s.io)');
  }
  const available = listAt(service, 'status', 'conditions').find(
    (condition) => stringAt(condition, 'type') === 'Available',
  );
  if (stringAt(available, 'status') !== 'True') {
    return failed('the server is currently unable to handle the request (get pods.metrics.k8s.io)');
  }
  return { type: 'metrics', items: client.list(podMetrics, { namespace }) };
}

function failed(reason: string): Measured {
  return {
    type: 'failed',
    message: `unable to fetch metrics from resource metrics API: ${reason}`,
  };
}
