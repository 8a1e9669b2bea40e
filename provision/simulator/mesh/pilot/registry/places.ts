import type { Labels } from '../../../kinds/object.ts';
import type { Node, Pod } from '../../../kinds/types/core.ts';
import type { WorkloadEntry, WorkloadEntrySpec } from '../../istio/service-entry.ts';
import type { Endpoint, Locality } from '../../xds/endpoint.ts';
import { localityOf, workloadOf } from './workload.ts';

/** What is known of an address. */
export type Place = Pick<Endpoint, 'labels' | 'workload' | 'hasSidecar' | 'locality' | 'weight'>;

export type Places = ReadonlyMap<string | undefined, Place>;

export const UNKNOWN_PLACE: Place = { labels: {}, workload: undefined, hasSidecar: false };

/** Remembered by pod: most pods are the same from one change of the mesh to the next. */
const placeOfPod = new WeakMap<Pod, { readonly node: Labels | undefined; readonly place: Place }>();

/** What is known of the pods' addresses. Places of pods that have not changed are the same objects as before. */
export function placesOf(pods: readonly Pod[], nodes: readonly Node[]): Places {
  const labelsOf = new Map(nodes.map(({ metadata }) => [metadata.name, metadata.labels]));
  return new Map(
    pods.map((pod) => [pod.status.podIP, placeOf(pod, labelsOf.get(pod.spec.nodeName ?? ''))]),
  );
}

function placeOf(pod: Pod, node: Labels | undefined): Place {
  const known = placeOfPod.get(pod);
  if (known?.node === node && known) return known.place;
  const labels = pod.metadata.labels ?? {};
  const hasSidecar = labels['security.istio.io/tlsMode'] === 'istio';
  const locality = localityOf(pod, node);
  const place = { labels, workload: workloadOf(pod), hasSidecar, ...(locality && { locality }) };
  placeOfPod.set(pod, { node, place });
  return place;
}

/** What a WorkloadEntry, or an endpoint written in a ServiceEntry, says of itself. */
export function placeOfEntry(spec: WorkloadEntrySpec, entry?: WorkloadEntry): Place {
  const labels = spec.labels ?? {};
  const mode = labels['security.istio.io/tlsMode'];
  const locality = localityIn(spec.locality);
  return {
    labels,
    workload: entry && workloadOfEntry(entry, spec),
    // Without a word on TLS an account says that a proxy is there.
    hasSidecar:
      mode === undefined ? entry !== undefined && Boolean(spec.serviceAccount) : mode === 'istio',
    ...(locality && { locality }),
    ...(spec.weight !== undefined && { weight: spec.weight }),
  };
}

function workloadOfEntry({ metadata }: WorkloadEntry, spec: WorkloadEntrySpec): Place['workload'] {
  const { labels = {} } = spec;
  return {
    podName: metadata.name,
    namespace: metadata.namespace ?? 'default',
    workload: metadata.name,
    app: labels['service.istio.io/canonical-name'] ?? labels['app'] ?? metadata.name,
    version: labels['service.istio.io/canonical-revision'] ?? labels['version'] ?? 'latest',
    serviceAccount: spec.serviceAccount ?? 'default',
  };
}

function localityIn(written: string | undefined): Locality | undefined {
  if (!written) return undefined;
  const [region = '', zone = '', subZone = ''] = written.split('/');
  return { region, zone, subZone };
}
