import type { JwtRule } from '../../../istio/security.ts';
import type { JwtFilterConfig } from '../../../xds/listener.ts';
import type { ProxyNode } from '../../node.ts';
import type { MeshSnapshot } from '../../snapshot.ts';
import { policiesFor } from './attachment.ts';

/** The filter that verifies tokens: the rules of all RequestAuthentications that are for a workload, by issuer as Istio sorts them. */
export function jwtFilters(mesh: MeshSnapshot, node: ProxyNode): readonly JwtFilterConfig[] {
  const rules = policiesFor(mesh.requestAuthentications, mesh, node)
    .flatMap(({ spec }) => spec?.jwtRules ?? [])
    .toSorted(byIssuer)
    .map((rule) => withKeys(rule, mesh));
  return rules.length === 0 ? [] : [{ type: 'jwt', rules }];
}

/** Sees to it that keys are on their way before the first token comes. */
export function orderKeys({ requestAuthentications, jwks }: MeshSnapshot): void {
  if (!jwks) return;
  for (const { spec } of requestAuthentications) {
    for (const rule of spec?.jwtRules ?? []) jwks(rule);
  }
}

/** The rule with the keys as istiod has them at the moment of asking, for they change without any object changing. */
function withKeys(rule: JwtRule, { jwks }: MeshSnapshot): JwtRule {
  if (rule.jwks || !jwks) return rule;
  return {
    ...rule,
    get jwks() {
      return jwks(rule);
    },
  };
}

function byIssuer({ issuer: one = '' }: JwtRule, { issuer: other = '' }: JwtRule): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
