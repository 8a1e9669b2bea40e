import { stringsAt } from '../../../../kinds/json.ts';
import type { AuthorizationPolicy } from '../../../istio/security.ts';
import type { RbacFilterConfig } from '../../../xds/listener.ts';
import type { MeshConfig } from '../../mesh-config.ts';
import type { ProxyNode } from '../../node.ts';
import type { MeshSnapshot } from '../../snapshot.ts';
import { policiesFor } from './attachment.ts';
import { withTrustDomains } from './trust-domains.ts';

/**
 * The filters that a workload's AuthorizationPolicies make, in the order in which they decide: AUDIT, DENY, ALLOW. CUSTOM ones ask a
 * service, and are filters of another kind (https://istio.io/latest/docs/concepts/security/#implicit-enablement).
 */
export function rbacFilters(mesh: MeshSnapshot, node: ProxyNode): readonly RbacFilterConfig[] {
  const policies = policiesFor(mesh.authorizationPolicies, mesh, node);
  if (policies.length === 0) return [];
  return ACTIONS.flatMap((action) => {
    const own = policies
      .filter(({ spec }) => (spec?.action ?? 'ALLOW') === action)
      .map((policy) => migrated(policy, mesh.config));
    if (own.length === 0) return [];
    const { enforced = [], shadow = [] } = Object.groupBy(own, (policy) =>
      isDryRun(policy) ? 'shadow' : 'enforced',
    );
    return [{ type: 'rbac', action, policies: enforced, shadow } as const];
  });
}

const ACTIONS = ['AUDIT', 'DENY', 'ALLOW'] as const;

/** Only tried out (https://istio.io/latest/docs/tasks/security/authorization/authz-dry-run/); Go's words for true. */
function isDryRun({ metadata }: AuthorizationPolicy): boolean {
  return /^(1|t|T|TRUE|true|True)$/.test(metadata.annotations?.['istio.io/dry-run'] ?? '');
}

/** By policy, as long as the mesh has the same names of itself: most changes of a mesh are of other objects. */
const known = new WeakMap<AuthorizationPolicy, { domains: string; policy: AuthorizationPolicy }>();

/** The policy with principals for each name that the mesh goes by. */
function migrated(policy: AuthorizationPolicy, config: MeshConfig): AuthorizationPolicy {
  const domains = [config.trustDomain, ...stringsAt(config.written, 'trustDomainAliases')];
  const key = domains.join(' ');
  const before = known.get(policy);
  if (before?.domains === key) return before.policy;
  const after = key === 'cluster.local' ? policy : withTrustDomains(policy, domains);
  known.set(policy, { domains: key, policy: after });
  return after;
}
