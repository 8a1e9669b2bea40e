import { isSame } from '../../kinds/json.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { clusterRoles } from '../../kinds/resources.ts';
import { matchesSelector } from '../../kinds/selectors/labels.ts';
import type { ClusterRole } from '../../kinds/types/policy.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { keyOf, runLoop, splitKey } from '../controller.ts';

/** Fills ClusterRoles that gather the rules of others (Kubernetes documentation, "Using RBAC Authorization": aggregated ClusterRoles). */
export const clusterRoleAggregationController: Controller = {
  name: 'clusterrole-aggregation-controller',
  start: (context) => {
    const { client } = context;
    return runLoop(context, {
      sync: (key) => sync(context, key),
      watch: (queue) => [
        // Any role may be part of another's rules.
        client.watch(clusterRoles, () => {
          for (const role of client.list(clusterRoles)) {
            if (role.aggregationRule) queue.add(keyOf(role));
          }
        }),
      ],
    });
  },
};

async function sync({ client }: ControllerContext, key: string): Promise<void> {
  const role = client.get(clusterRoles, splitKey(key).name);
  if (!role?.aggregationRule) return;
  const rules = gatheredRules(role, client.list(clusterRoles));
  if (isSame(rules, role.rules ?? [])) return;
  await client.update(clusterRoles, { ...role, rules });
}

/** The rules of all roles that a selector names, in order of selectors and names, each once. */
function gatheredRules(role: ClusterRole, all: readonly ClusterRole[]): readonly JsonObject[] {
  const rules: JsonObject[] = [];
  const byName = all.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    const parts = byName.filter(
      (one) =>
        one.metadata.name !== role.metadata.name && matchesSelector(selector, one.metadata.labels),
    );
    for (const rule of parts.flatMap((part) => part.rules ?? [])) {
      if (!rules.some((known) => isSame(known, rule))) rules.push(rule);
    }
  }
  return rules;
}
