import { matchesLabels } from '../../../../kinds/selectors/labels.ts';
import type { MutualTlsMode, PeerAuthentication } from '../../../istio/security.ts';
import type { ProxyNode } from '../../node.ts';
import type { MeshSnapshot } from '../../snapshot.ts';

/**
 * Whether a workload's port takes mutual TLS, plain text or both: what is said of the port, else of the workload, its namespace,
 * the mesh; the oldest object of a level counts (https://istio.io/latest/docs/concepts/security/#peer-authentication).
 */
export function mutualTlsMode(
  mesh: MeshSnapshot,
  { namespace, labels }: Pick<ProxyNode, 'namespace' | 'labels'>,
  port: number,
): Exclude<MutualTlsMode, 'UNSET'> {
  if (mesh.peerAuthentications.length === 0) return 'PERMISSIVE';
  const { rootNamespace } = mesh.config;
  const inNamespace = (name: string) =>
    mesh.peerAuthentications.filter(({ metadata }) => metadata.namespace === name);
  // In the root namespace objects with a selector are for nobody, as istiod reads them.
  const own = namespace === rootNamespace ? [] : inNamespace(namespace);
  const workload = own.find(
    (one) => hasSelector(one) && matchesLabels(one.spec?.selector?.matchLabels, labels),
  );
  const general = (name: string) => inNamespace(name).find((one) => !hasSelector(one));
  const { mtls, portLevelMtls } = workload?.spec ?? {};
  const modes = [
    portLevelMtls?.[port]?.mode,
    mtls?.mode,
    ...[namespace, rootNamespace].map((name) => general(name)?.spec?.mtls?.mode),
  ];
  const mode = modes.find((one) => one !== undefined && one !== 'UNSET');
  return mode ?? 'PERMISSIVE';
}

function hasSelector({ spec }: PeerAuthentication): boolean {
  return Object.keys(spec?.selector?.matchLabels ?? {}).length > 0;
}
