import type { ServiceTable } from './service-table.ts';

const CLUSTER_DOMAIN = 'cluster.local';
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;

/**
 * What CoreDNS answers a pod (https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/): addresses of a
 * Service's name, searched in the pod's namespace first; empty for a name that does not exist.
 */
export function resolveName(
  host: string,
  namespace: string,
  table: ServiceTable,
): readonly string[] {
  if (IPV4.test(host)) return [host];
  const name = host.replace(/\.$/, '').toLowerCase();
  if (name === 'localhost') return ['127.0.0.1'];
  const labels = withoutDomain(name);
  if (!labels) return [];
  const [first = '', second, third, ...rest] = labels;
  if (rest.length > 0) return headlessPod(labels, table);
  if (third !== undefined && third !== 'svc') return headlessPod(labels, table);
  return serviceAddresses(first, second ?? namespace, table);
}

/** The labels before `.svc.cluster.local`, `svc` kept only where the name stopped there; undefined for a foreign name. */
function withoutDomain(name: string): readonly string[] | undefined {
  const labels = name.split('.');
  const suffix = ['svc', ...CLUSTER_DOMAIN.split('.')];
  if (labels.slice(-suffix.length).join('.') === suffix.join('.'))
    return labels.slice(0, -suffix.length);
  if (labels.at(-1) === 'svc' && labels.length > 2) return labels.slice(0, -1);
  return labels.length <= 2 ? labels : undefined;
}

function serviceAddresses(name: string, namespace: string, table: ServiceTable): readonly string[] {
  const service = table.service(namespace, name);
  if (!service) return [];
  const { type, externalName, clusterIP } = service.spec;
  if (type === 'ExternalName')
    return externalName === undefined ? [] : resolveName(externalName, namespace, table);
  if (clusterIP !== undefined && clusterIP !== 'None') return [clusterIP];
  return table
    .slicesOf(namespace, name)
    .flatMap(({ endpoints }) => endpoints)
    .filter(
      ({ conditions }) => service.spec.publishNotReadyAddresses || conditions?.ready !== false,
    )
    .flatMap(({ addresses }) => addresses);
}

/** `<pod>.<service>.<namespace>`: a pod with a host name behind a headless Service. */
function headlessPod(labels: readonly string[], table: ServiceTable): readonly string[] {
  const [pod, name, namespace, ...rest] = labels;
  if (name === undefined || namespace === undefined || rest.length > 0) return [];
  return table
    .slicesOf(namespace, name)
    .flatMap(({ endpoints }) => endpoints)
    .filter(({ targetRef }) => targetRef?.name === pod)
    .flatMap(({ addresses }) => addresses);
}
