import { parse } from 'yaml';

import { isObject, numberAt, objectAt } from '../../../kinds/json.ts';
import { remembering } from '../../../remember.ts';
import type { ProxyNode } from '../node.ts';
import type { MeshSnapshot } from '../snapshot.ts';

/**
 * How many proxies in front of a gateway are believed in x-forwarded-for: what the gateway's pod says, else the mesh's defaultConfig
 * (https://istio.io/latest/docs/ops/configuration/traffic-management/network-topologies/).
 */
export function trustedProxies({ config }: MeshSnapshot, { annotations }: ProxyNode): number {
  const own = annotationOf(annotations['proxy.istio.io/config'] ?? '');
  const general = objectAt(config.written, 'defaultConfig');
  return (
    numberAt(own, 'gatewayTopology', 'numTrustedProxies') ??
    numberAt(general, 'gatewayTopology', 'numTrustedProxies') ??
    0
  );
}

const annotationOf = remembering((text): object => {
  try {
    const value: unknown = parse(text);
    return isObject(value) ? value : {};
  } catch {
    // Written by hand and broken: as if it were not there.
    return {};
  }
});
