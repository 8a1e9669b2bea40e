import {
  deniedDetails,
  judgeRequest,
  statisticsOf,
  type Verdicts,
} from '../../security/rbac/engine.ts';
import { factsOf } from '../../security/rbac/facts.ts';
import { local, type ProxyAnswer } from '../answers.ts';
import type { FilterContext, MakeFilter } from '../filter.ts';
import { statPrefixOf } from './stat-prefix.ts';

/**
 * Envoy's RBAC filter (https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/rbac_filter): lets requests on or
 * answers 403, by the AuthorizationPolicies of one action.
 */
export const makeRbacFilter: MakeFilter<'rbac'> = (config, context) => ({
  onRequest: (stream): ProxyAnswer | undefined => {
    const verdicts = judgeRequest(config, factsOf(stream));
    const prefix = `${statPrefixOf(stream)}rbac.`;
    for (const statistic of statisticsOf(config, verdicts)) context.count(`${prefix}${statistic}`);
    if (context.writes?.('rbac', 'debug')) log(verdicts, context);
    const { enforced } = verdicts;
    if (!enforced || enforced.isAllowed) return undefined;
    return local(403, 'RBAC: access denied', '-', deniedDetails(enforced));
  },
});

function log({ enforced, shadow }: Verdicts, { log: write, clock }: FilterContext): void {
  for (const [kind, verdict] of [
    ['shadow', shadow],
    ['enforced', enforced],
  ] as const) {
    if (!verdict) continue;
    const time = new Date(clock.now()).toISOString();
    const word = verdict.isAllowed ? 'allowed' : 'denied';
    write(`${time}\tdebug\tenvoy rbac\t${kind} ${word}, matched policy ${verdict.policy}`);
  }
}
