import type { Invocation } from '../cli/command.ts';
import { targetOf } from '../cli/global-flags.ts';
import type { KubeApi } from './api.ts';

/** Connects to the cluster that the global flags name. */
export function connect(invocation: Invocation): Promise<KubeApi> {
  return invocation.context.connect(targetOf(invocation));
}

/** The namespace a command is about: `-n`, else the context's. */
export function namespaceOf({ flags }: Invocation, api: KubeApi): string {
  return flags.text('namespace') || api.namespace;
}
