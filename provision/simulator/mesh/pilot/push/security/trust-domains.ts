import type { AuthorizationPolicy, PolicyRule } from '../../../istio/security.ts';

/**
 * The policy with each principal written for all of the mesh's trust domains, where it names one of them or `cluster.local`
 * (https://istio.io/latest/docs/tasks/security/authorization/authz-td-migration/).
 */
export function withTrustDomains(
  policy: AuthorizationPolicy,
  domains: readonly string[],
): AuthorizationPolicy {
  const rules = policy.spec?.rules?.map((rule) => migrateRule(rule, domains));
  return rules ? { ...policy, spec: { ...policy.spec, rules } } : policy;
}

function migrateRule(rule: PolicyRule, domains: readonly string[]): PolicyRule {
  const { from, when } = rule;
  return {
    ...rule,
    ...(from && {
      from: from.map((one) => {
        const { source } = one;
        if (!source) return one;
        const { principals, notPrincipals } = source;
        return {
          source: {
            ...source,
            ...(principals && { principals: migrate(principals, domains) }),
            ...(notPrincipals && { notPrincipals: migrate(notPrincipals, domains) }),
          },
        };
      }),
    }),
    ...(when && {
      when: when.map((condition) => {
        const { key, values, notValues } = condition;
        if (key !== 'source.principal') return condition;
        return {
          key,
          ...(values && { values: migrate(values, domains) }),
          ...(notValues && { notValues: migrate(notValues, domains) }),
        };
      }),
    }),
  };
}

function migrate(principals: readonly string[], domains: readonly string[]): readonly string[] {
  return principals.flatMap((principal) => {
    const [domain = '', ...rest] = principal.split('/');
    // A principal in another form, or one for any domain, stands as it is written.
    const isComplete = rest.length === 4 && rest[0] === 'ns' && rest[2] === 'sa';
    if (!isComplete || domain === '*') return [principal];
    const isOurs = domain === 'cluster.local' || domains.some((one) => fits(domain, one));
    if (!isOurs) return [principal];
    return domains.map((one) =>
      // A suffix that fits the name already, such as `*-td/ns/…`.
      [fits(domain, one) && domain.startsWith('*') ? domain : one, ...rest].join('/'),
    );
  });
}

function fits(pattern: string, domain: string): boolean {
  return pattern.startsWith('*') ? domain.endsWith(pattern.slice(1)) : pattern === domain;
}
