import type { PolicyOperation, PolicyRule, PolicySource } from '../../../istio/security.ts';
import { conditionField, type Field, FIELDS, type Test } from './fields.ts';

/** How a rule is read. */
export interface RuleContext {
  readonly policyNamespace: string;
  /** Whether it decides on connections, of which nothing of HTTP is known. */
  readonly isForTcp: boolean;
  /**
   * Whether what cannot be asked makes the rule fit nothing (ALLOW); else it is left out, and the rule fits more (DENY, AUDIT). Both
   * err on the side of refusing (https://istio.io/latest/docs/tasks/security/authorization/authz-tcp/).
   */
  readonly isAllow: boolean;
}

/** What a rule asks; undefined for a rule that Istio leaves out, so that it never fits. */
export function compileRule(rule: PolicyRule, context: RuleContext): Test | undefined {
  const ask: Ask = (field, values, notValues) => fieldTests(field, { values, notValues }, context);
  const conditions: Tests[] = [];
  for (const { key = '', values, notValues } of rule.when ?? []) {
    const field = conditionField(key);
    if (!field) return undefined;
    conditions.push(ask(field, values, notValues));
  }
  const sources = (rule.from ?? []).map(({ source = {} }) => compileSource(source, ask));
  const operations = (rule.to ?? []).map(({ operation = {} }) => compileOperation(operation, ask));
  const parts = [anyOf(sources), anyOf(operations), all(conditions)];
  const tests = parts.filter((part) => part !== undefined);
  if (tests.length < parts.length) return undefined;
  return (facts) => tests.every((test) => test(facts));
}

type Values = readonly string[] | undefined;
type Tests = readonly Test[] | undefined;
/** What a field asks of a connection or request; read as the rule is. */
type Ask = (field: Field, values: Values, notValues: Values) => Tests;

function compileSource(source: PolicySource, ask: Ask): Test | undefined {
  return all([
    ask(FIELDS.principals, source.principals, source.notPrincipals),
    ask(FIELDS.requestPrincipals, source.requestPrincipals, source.notRequestPrincipals),
    ask(FIELDS.namespaces, source.namespaces, source.notNamespaces),
    ask(FIELDS.serviceAccounts, source.serviceAccounts, source.notServiceAccounts),
    ask(FIELDS.trustDomains, source.trustDomains, source.notTrustDomains),
    ask(FIELDS.ipBlocks, source.ipBlocks, source.notIpBlocks),
    ask(FIELDS.remoteIpBlocks, source.remoteIpBlocks, source.notRemoteIpBlocks),
  ]);
}

function compileOperation(operation: PolicyOperation, ask: Ask): Test | undefined {
  return all([
    ask(FIELDS.hosts, operation.hosts, operation.notHosts),
    ask(FIELDS.ports, operation.ports, operation.notPorts),
    ask(FIELDS.methods, operation.methods, operation.notMethods),
    ask(FIELDS.paths, operation.paths, operation.notPaths),
  ]);
}

/** One of the values has to fit, and none of the others; undefined when something cannot be asked and the rule is of no use. */
function fieldTests(
  { isHttpOnly, test }: Field,
  { values = [], notValues = [] }: { readonly values: Values; readonly notValues: Values },
  { isForTcp, isAllow, policyNamespace }: RuleContext,
): Tests {
  const make = (value: string) =>
    isHttpOnly && isForTcp ? undefined : test(value, policyNamespace);
  const [wanted, unwanted] = [values.map(make), notValues.map(make)];
  if (isAllow && [...wanted, ...unwanted].includes(undefined)) return undefined;
  const [some, none] = [wanted, unwanted].map((list) => list.filter((one) => one !== undefined));
  return [...(some?.length ? [oneOf(some)] : []), ...(none?.length ? [not(oneOf(none))] : [])];
}

/** All lists together; undefined when one of them is of no use. */
function all(lists: readonly Tests[]): Test | undefined {
  const tests: Test[] = [];
  for (const list of lists) {
    if (!list) return undefined;
    tests.push(...list);
  }
  return (facts) => tests.every((test) => test(facts));
}

/** Nothing said fits everything; one alternative that is of no use makes the whole rule so. */
function anyOf(alternatives: readonly (Test | undefined)[]): Test | undefined {
  if (alternatives.length === 0) return () => true;
  const tests = alternatives.filter((one) => one !== undefined);
  return tests.length < alternatives.length ? undefined : oneOf(tests);
}

function oneOf(tests: readonly Test[]): Test {
  const [only] = tests;
  if (only && tests.length === 1) return only;
  return (facts) => tests.some((test) => test(facts));
}

function not(test: Test): Test {
  return (facts) => !test(facts);
}
