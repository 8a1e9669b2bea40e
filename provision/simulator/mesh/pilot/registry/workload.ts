import { asJson } from '../../../kinds/json.ts';
import type { Labels } from '../../../kinds/object.ts';
import type { Pod } from '../../../kinds/types/core.ts';
import type { WorkloadMetadata } from '../../../net/network.ts';
import type { Locality } from '../../xds/endpoint.ts';
import { owningWorkload } from './workload-owner.ts';

const DEFAULT_TRUST_DOMAIN = 'cluster.local';

/** What Istio's proxies say of a pod (canonical names, workload). */
export function workloadOf(pod: Pod): WorkloadMetadata {
  const labels = pod.metadata.labels ?? {};
  const namespace = pod.metadata.namespace ?? 'default';
  const { workload } = owningWorkload(asJson(pod.metadata), namespace);
  const trustDomain = trustDomainOf(pod);
  return {
    podName: pod.metadata.name,
    namespace,
    workload,
    app: labels['service.istio.io/canonical-name'] ?? labels['app'] ?? workload,
    version: labels['service.istio.io/canonical-revision'] ?? labels['version'] ?? 'latest',
    serviceAccount: pod.spec.serviceAccountName ?? 'default',
    ...(trustDomain !== undefined && { trustDomain }),
  };
}

/** What the mesh's trust domain was when the proxy of the pod was started. */
function trustDomainOf({ spec }: Pod): string | undefined {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const proxy = containers.find(({ name }) => name === 'istio-proxy');
  const value = proxy?.env?.find(({ name }) => name === 'TRUST_DOMAIN')?.value;
  return value === DEFAULT_TRUST_DOMAIN ? undefined : value;
}

/** What a workload's certificate says it is. */
export function identityOf(workload: WorkloadMetadata): string {
  const { namespace, serviceAccount, trustDomain = DEFAULT_TRUST_DOMAIN } = workload;
  return `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`;
}

/** Where a pod stands, by the labels of its node, or its own `istio-locality` (region.zone.subzone). */
export function localityOf(pod: Pod, nodeLabels: Labels | undefined): Locality | undefined {
  const own = pod.metadata.labels?.['istio-locality'];
  if (own !== undefined) {
    const [region = '', zone = '', subZone = ''] = own.split(own.includes('/') ? '/' : '.');
    return { region, zone, subZone };
  }
  const region = nodeLabels?.['topology.kubernetes.io/region'];
  if (region === undefined) return undefined;
  return {
    region,
    zone: nodeLabels?.['topology.kubernetes.io/zone'] ?? '',
    subZone: nodeLabels?.['topology.istio.io/subzone'] ?? '',
  };
}
