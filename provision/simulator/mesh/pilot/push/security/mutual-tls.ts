import type { ClientTlsSettings } from '../../../istio/destination-rule.ts';
import type { PeerAuthentication } from '../../../istio/security.ts';
import type { Endpoint } from '../../../xds/endpoint.ts';
import type { MeshSnapshot } from '../../snapshot.ts';
import { mutualTlsMode } from './peer-authentication.ts';

/**
 * The endpoints of a service as clients are told of them: whether each takes mutual TLS. Without auto mTLS only a DestinationRule asks
 * for it, and a server whose PeerAuthentication says DISABLE takes none
 * (https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/#auto-mtls).
 */
export function withMutualTls(
  endpoints: readonly Endpoint[],
  mesh: MeshSnapshot,
  tls: ClientTlsSettings | undefined,
): readonly Endpoint[] {
  if (!mesh.config.enableAutoMtls && tls?.mode === undefined) return endpoints.map(plain);
  if (policiesOfEndpoints(mesh).length === 0) return endpoints;
  return endpoints.map((endpoint) => {
    const { labels, workload, port, hasSidecar } = endpoint;
    if (!hasSidecar || !workload) return endpoint;
    const mode = mutualTlsMode(mesh, { namespace: workload.namespace, labels }, port);
    return mode === 'DISABLE' ? plain(endpoint) : endpoint;
  });
}

/** The PeerAuthentications that change what clients are told: all, when one of them says DISABLE. */
export function policiesOfEndpoints({
  peerAuthentications: all,
}: MeshSnapshot): readonly PeerAuthentication[] {
  return all.some(saysDisable) ? all : [];
}

function saysDisable({ spec }: PeerAuthentication): boolean {
  const modes = [spec?.mtls, ...Object.values(spec?.portLevelMtls ?? {})];
  return modes.some((one) => one?.mode === 'DISABLE');
}

/** By endpoint, so that balancers know it again. */
const plainOf = new WeakMap<Endpoint, Endpoint>();

function plain(endpoint: Endpoint): Endpoint {
  if (!endpoint.hasSidecar) return endpoint;
  let copy = plainOf.get(endpoint);
  if (!copy) {
    copy = { ...endpoint, hasSidecar: false };
    plainOf.set(endpoint, copy);
  }
  return copy;
}
