/** Files that a kubelet gives to every container: names and addresses (Kubernetes documentation, "Adding entries to Pod /etc/hosts", "DNS for Services and Pods"). */
import type { Pod } from '../../../kinds/types/core.ts';
import { CLUSTER_DNS_IP, NODE_DNS_IP } from '../../cluster-dns.ts';
import { HOSTNAME_LIMIT_CHARACTERS } from '../../limits.ts';
import type { PodHost } from '../host.ts';

const CLUSTER_DOMAIN = 'cluster.local';
const LOCAL_HOSTS = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::\tip6-localnet',
  'fe00::\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
];

/** What the pod's containers take for the machine's name. */
export function hostnameOf({ metadata, spec }: Pod, host: Pick<PodHost, 'name'>): string {
  if (spec.hostNetwork) return host.name;
  const short = (spec.hostname || metadata.name)
    .slice(0, HOSTNAME_LIMIT_CHARACTERS)
    .replace(/[-.]+$/, '');
  const domain = domainOf({ metadata, spec });
  return spec.setHostnameAsFQDN === true && domain !== undefined ? `${short}.${domain}` : short;
}

function domainOf({ metadata, spec }: Pick<Pod, 'metadata' | 'spec'>): string | undefined {
  if (!spec.subdomain) return undefined;
  return `${spec.subdomain}.${metadata.namespace ?? 'default'}.svc.${CLUSTER_DOMAIN}`;
}

/** The address a pod shows: on the host's network that of its node. */
export function podAddress({ spec }: Pod, host: Pick<PodHost, 'ip'>, ownIp: string): string {
  return spec.hostNetwork === true ? host.ip : ownIp;
}

export function hostsFile(pod: Pod, host: Pick<PodHost, 'name'>, ip: string): string {
  const name = hostnameOf(pod, host).split('.', 1)[0] ?? '';
  const domain = domainOf(pod);
  const own = domain === undefined ? `${ip}\t${name}` : `${ip}\t${name}.${domain}\t${name}`;
  const lines = ['# Kubernetes-managed hosts file.', ...LOCAL_HOSTS, own];
  const aliases = pod.spec.hostAliases ?? [];
  if (aliases.length > 0) {
    const entries = aliases.map(({ ip: alias, hostnames = [] }) =>
      [alias, ...hostnames].join('\t'),
    );
    lines.push('', '# Entries added by HostAliases.', ...entries);
  }
  return `${lines.join('\n')}\n`;
}

export function resolverFile(pod: Pod): string {
  const { metadata, spec } = pod;
  const { searches = [], nameservers = [], options = [] } = spec.dnsConfig ?? {};
  const services = `svc.${CLUSTER_DOMAIN}`;
  const namespace = metadata.namespace ?? 'default';
  const isCluster = isClusterFirst(pod);
  const ownSearches = isCluster ? [`${namespace}.${services}`, services, CLUSTER_DOMAIN] : [];
  const ownServers = spec.dnsPolicy === 'None' ? [] : [isCluster ? CLUSTER_DNS_IP : NODE_DNS_IP];
  const values = new Map(isCluster ? [['ndots', '5']] : []);
  for (const { name = '', value = '' } of options) values.set(name, value);
  const texts = [...values].map(([name, value]) => (value === '' ? name : `${name}:${value}`));
  return [
    line('search', [...new Set([...ownSearches, ...searches])]),
    ...[...new Set([...ownServers, ...nameservers])].map((one) => line('nameserver', [one])),
    line('options', texts),
  ].join('');
}

function isClusterFirst({ spec: { dnsPolicy = 'ClusterFirst', hostNetwork } }: Pod): boolean {
  if (dnsPolicy === 'ClusterFirstWithHostNet') return true;
  return dnsPolicy === 'ClusterFirst' && hostNetwork !== true;
}

function line(keyword: string, values: readonly string[]): string {
  return values.length === 0 ? '' : `${keyword} ${values.join(' ')}\n`;
}
