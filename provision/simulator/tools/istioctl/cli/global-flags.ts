import type { Flag, Invocation } from './command.ts';
import type { ClusterTarget } from './context.ts';

/** Flags that every command takes. */
export const GLOBAL_FLAGS: readonly Flag[] = [
  { name: 'context', type: 'text', usage: 'Context of the kubeconfig to use' },
  {
    name: 'istioNamespace',
    short: 'i',
    type: 'text',
    default: 'istio-system',
    usage: 'Namespace of the Istio control plane',
  },
  {
    name: 'kubeconfig',
    short: 'c',
    type: 'text',
    usage: 'Path of the kubeconfig; default is KUBECONFIG, else ~/.kube/config',
  },
  { name: 'namespace', short: 'n', type: 'text', usage: 'Namespace the command is about' },
  { name: 'vklog', type: 'number', default: '0', usage: 'Accepted and without effect here' },
];

/** The cluster that the global flags name. */
export function targetOf({ flags }: Invocation): ClusterTarget {
  return { kubeconfig: flags.text('kubeconfig'), context: flags.text('context') };
}
