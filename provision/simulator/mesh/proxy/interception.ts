import type { Pod } from '../../kinds/types/core.ts';
import { isInCidr } from '../../net/cidr.ts';
import type { TrafficDirection } from '../../net/network.ts';

/** Whether a connection to `ip` and `port` is redirected to the proxy. */
export type Interception = (direction: TrafficDirection, port: number, ip: string) => boolean;

/** Injected containers that set up the redirection; `istio-validation` where the CNI plug-in does it, by the same flags. */
const SETTERS: ReadonlySet<string> = new Set(['istio-init', 'istio-validation']);

/**
 * Which traffic of a pod goes through its proxy: what the flags of `istio-iptables` in its init container say, which injection
 * makes of the `traffic.sidecar.istio.io/…` annotations (https://istio.io/latest/docs/reference/config/annotations/).
 */
export function interceptionOf(pod: Pod): Interception {
  const setter = pod.spec.initContainers?.find(({ name }) => SETTERS.has(name));
  const flags = flagsOf(setter?.args ?? []);
  // A pod that was given a proxy by hand, without redirection.
  if (!setter || flags.get('-m') === 'NONE') return () => false;
  const [includedPorts, excludedPorts] = [listOf(flags, '-b'), listOf(flags, '-d')];
  const [includedRanges, excludedRanges] = [listOf(flags, '-i'), listOf(flags, '-x')];
  const [outboundIncluded, outboundExcluded] = [listOf(flags, '-q'), listOf(flags, '-o')];
  return (direction, port, ip) => {
    const text = String(port);
    if (direction === 'inbound') return has(includedPorts, text) && !excludedPorts.includes(text);
    if (outboundExcluded.includes(text)) return false;
    if (excludedRanges.some((range) => isInCidr(ip, range))) return false;
    if (outboundIncluded.includes(text)) return true;
    return includedRanges.includes('*') || includedRanges.some((range) => isInCidr(ip, range));
  };
}

function has(list: readonly string[], port: string): boolean {
  return list.includes('*') || list.includes(port);
}

function listOf(flags: ReadonlyMap<string, string>, name: string): readonly string[] {
  return (flags.get(name) ?? '').split(',').filter((one) => one !== '');
}

function flagsOf(args: readonly string[]): ReadonlyMap<string, string> {
  const flags = new Map<string, string>();
  for (const [index, arg] of args.entries()) {
    if (/^-[a-z]$/.test(arg)) flags.set(arg, args[index + 1] ?? '');
  }
  return flags;
}
