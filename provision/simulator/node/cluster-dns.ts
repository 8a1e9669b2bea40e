import type { Pod } from '../kinds/types/core.ts';
import type { ResolverSettings } from '../net/pod-dns.ts';

export { CLUSTER_DNS_IP } from '../net/pod-dns.ts';

/** The name server of the nodes themselves, which knows no name of the cluster: what dnsPolicy Default gives a pod. */
export const NODE_DNS_IP = '172.30.1.1';

/** How a pod looks names up, by its resolv.conf (resolv.conf(5)) and the entries that it adds to /etc/hosts. */
export function resolverOf({ spec }: Pod, resolvConf: string): ResolverSettings {
  const lines = resolvConf.split('\n').map((line) => line.trim().split(/\s+/));
  const values = (keyword: string) =>
    lines.filter(([first]) => first === keyword).flatMap(([, ...rest]) => rest);
  const ndots = values('options').find((option) => option.startsWith('ndots:'));
  const hosts = (spec.hostAliases ?? []).flatMap(({ ip, hostnames = [] }) =>
    hostnames.map((name): [string, string] => [name.toLowerCase(), ip]),
  );
  return {
    servers: values('nameserver'),
    search: values('search'),
    ndots: ndots === undefined ? 1 : Number(ndots.slice('ndots:'.length)),
    ...(hosts.length > 0 && { hosts: new Map(hosts) }),
  };
}
