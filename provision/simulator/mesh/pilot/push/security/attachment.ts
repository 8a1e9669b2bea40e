import type { KubeObject } from '../../../../kinds/object.ts';
import { matchesLabels } from '../../../../kinds/selectors/labels.ts';
import type { Selected, TargetRef } from '../../../istio/security.ts';
import type { ProxyNode } from '../../node.ts';
import type { MeshSnapshot } from '../../snapshot.ts';

interface Policy extends KubeObject {
  readonly spec?: Selected;
}

/** Pods of a gateway that was made for a Gateway of the Gateway API say so. */
const GATEWAY_LABEL = 'gateway.networking.k8s.io/gateway-name';

/**
 * The policies that are for a workload, those of the root namespace first: by selector, or for gateways of the Gateway API by
 * targetRefs in the gateway's own namespace (https://istio.io/latest/docs/reference/config/type/workload-selector/).
 */
export function policiesFor<T extends Policy>(
  policies: readonly T[],
  mesh: MeshSnapshot,
  node: ProxyNode,
): readonly T[] {
  if (policies.length === 0) return policies;
  const namespaces = new Set([mesh.config.rootNamespace, node.namespace]);
  return [...namespaces].flatMap((namespace) =>
    policies.filter(
      (policy) => (policy.metadata.namespace ?? 'default') === namespace && isFor(policy, node),
    ),
  );
}

function isFor({ metadata, spec = {} }: Policy, node: ProxyNode): boolean {
  const targets = spec.targetRefs?.length
    ? spec.targetRefs
    : spec.targetRef
      ? [spec.targetRef]
      : [];
  if (targets.length === 0) return matchesLabels(spec.selector?.matchLabels, node.labels);
  const gateway = node.labels[GATEWAY_LABEL];
  if (gateway === undefined || metadata.namespace !== node.namespace) return false;
  return targets.some((target) => isGateway(target, node.namespace) && target.name === gateway);
}

function isGateway({ group, kind, namespace }: TargetRef, own: string): boolean {
  return (
    group === 'gateway.networking.k8s.io' &&
    kind === 'Gateway' &&
    (namespace === undefined || namespace === '' || namespace === own)
  );
}
