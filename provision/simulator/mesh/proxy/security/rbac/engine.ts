import type { AuthorizationPolicy } from '../../../istio/security.ts';
import type { RbacFilterConfig } from '../../../xds/listener.ts';
import type { AccessFacts, ConnectionFacts } from './facts.ts';
import type { Test } from './fields.ts';
import { compileRule } from './rule.ts';

/** What one filter makes of a request or connection. */
export interface Verdict {
  readonly isAllowed: boolean;
  /** `ns[foo]-policy[x]-rule[0]`, or `none`. */
  readonly policy: string;
}

/** What a filter says: of its policies, and of those that are only tried out; undefined where it has none. */
export interface Verdicts {
  readonly enforced: Verdict | undefined;
  readonly shadow: Verdict | undefined;
}

interface NamedRule {
  readonly name: string;
  readonly fits: Test;
}

interface Engine {
  readonly enforced: readonly NamedRule[] | undefined;
  readonly shadow: readonly NamedRule[] | undefined;
}

/** Compiled once for each filter that istiod sends, apart for requests and for connections. */
const engines = { http: new WeakMap<object, Engine>(), tcp: new WeakMap<object, Engine>() };

/** What a filter says of a request. */
export function judgeRequest(config: RbacFilterConfig, facts: AccessFacts): Verdicts {
  return judge(config, engineOf(config, 'http'), facts);
}

/** Whether a connection may go on, and in which words its log tells of a refusal. */
export type ConnectionVerdict =
  | { readonly type: 'allowed' }
  /** `rbac_access_denied_matched_policy[none]`, for CONNECTION_TERMINATION_DETAILS. */
  | { readonly type: 'denied'; readonly details: string };

/**
 * Whether the filters of a `TcpProxy` let a connection pass; asked once, when the first bytes or the end of the handshake are there. A
 * refused connection is closed without a word. Counts `tcp.rbac.allowed` and the like for each filter
 * (https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/network_filters/rbac_filter).
 */
export function authorizesConnection(
  filters: readonly RbacFilterConfig[],
  facts: ConnectionFacts,
  count: (statistic: string) => void = () => undefined,
): ConnectionVerdict {
  const access: AccessFacts = { ...facts, remoteIp: facts.sourceIp, http: undefined };
  for (const config of filters) {
    const { enforced, shadow } = judge(config, engineOf(config, 'tcp'), access);
    for (const statistic of statisticsOf(config, { enforced, shadow })) {
      count(`tcp.rbac.${statistic}`);
    }
    if (enforced && !enforced.isAllowed) {
      return { type: 'denied', details: deniedDetails(enforced) };
    }
  }
  return { type: 'allowed' };
}

/** How statistics of policies that are only tried out begin: `istio_dry_run_deny_`. */
export function dryRunPrefix({ action }: RbacFilterConfig): string {
  return `istio_dry_run_${action.toLowerCase()}_`;
}

/** What a filter adds one to, below its prefix: `allowed`, `istio_dry_run_deny_.shadow_denied`. */
export function statisticsOf(
  config: RbacFilterConfig,
  { enforced, shadow }: Verdicts,
): readonly string[] {
  return [
    ...(shadow ? [`${dryRunPrefix(config)}.shadow_${word(shadow)}`] : []),
    ...(enforced ? [word(enforced)] : []),
  ];
}

function word({ isAllowed }: Verdict): string {
  return isAllowed ? 'allowed' : 'denied';
}

/** Response code details of a refusal. */
export function deniedDetails({ policy }: Verdict): string {
  return `rbac_access_denied_matched_policy[${policy}]`;
}

function judge({ action }: RbacFilterConfig, engine: Engine, facts: AccessFacts): Verdicts {
  const verdict = (rules: readonly NamedRule[] | undefined): Verdict | undefined => {
    if (!rules) return undefined;
    const found = rules.find(({ fits }) => fits(facts));
    // An AUDIT policy only marks what its provider is to log.
    const isAllowed = action === 'AUDIT' || (action === 'ALLOW') === (found !== undefined);
    return { isAllowed, policy: found?.name ?? 'none' };
  };
  return { enforced: verdict(engine.enforced), shadow: verdict(engine.shadow) };
}

function engineOf(config: RbacFilterConfig, kind: 'http' | 'tcp'): Engine {
  let engine = engines[kind].get(config);
  if (!engine) {
    const { action, policies, shadow } = config;
    const compile = (list: readonly AuthorizationPolicy[]) =>
      list.length === 0
        ? undefined
        : list
            .flatMap((policy) => compilePolicy(policy, { action, isForTcp: kind === 'tcp' }))
            .toSorted(byName);
    engine = { enforced: compile(policies), shadow: compile(shadow) };
    engines[kind].set(config, engine);
  }
  return engine;
}

/** Policies are the same for all workloads that they select, and from one state of the mesh to the next. */
const rules = {
  http: new WeakMap<AuthorizationPolicy, readonly NamedRule[]>(),
  tcp: new WeakMap<AuthorizationPolicy, readonly NamedRule[]>(),
};

function compilePolicy(
  policy: AuthorizationPolicy,
  context: { readonly action: RbacFilterConfig['action']; readonly isForTcp: boolean },
): readonly NamedRule[] {
  const known = rules[context.isForTcp ? 'tcp' : 'http'];
  let made = known.get(policy);
  if (!made) known.set(policy, (made = compileRules(policy, context)));
  return made;
}

function compileRules(
  { metadata: { name, namespace = 'default' }, spec }: AuthorizationPolicy,
  { action, isForTcp }: { readonly action: RbacFilterConfig['action']; readonly isForTcp: boolean },
): readonly NamedRule[] {
  return (spec?.rules ?? []).flatMap((rule, index) => {
    const context = { policyNamespace: namespace, isForTcp, isAllow: action === 'ALLOW' };
    const fits = compileRule(rule ?? {}, context);
    return fits ? [{ name: `ns[${namespace}]-policy[${name}]-rule[${index}]`, fits }] : [];
  });
}

/** Envoy keeps policies in a sorted map: of several that fit the first by name is the one it tells of. */
function byName(one: NamedRule, other: NamedRule): number {
  return one.name < other.name ? -1 : one.name > other.name ? 1 : 0;
}
