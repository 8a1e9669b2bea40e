/** https://istio.io/latest/docs/reference/config/security/authorization-policy/ */
import { objectAt, objectsAt, stringAt, stringsAt } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import {
  attributeProblem,
  checkIpBlocks,
  checkPorts,
  emptyValueProblem,
  pathTemplateProblem,
  serviceAccountProblem,
  trustDomainProblem,
} from './authorization-values.ts';
import { isFilled, isSet } from './fields.ts';
import type { Findings } from './findings.ts';
import { checkTargets } from './selectors.ts';
import type { Subject } from './subject.ts';

const FOR_EVERY_REQUEST =
  'is meaningless as it will never be triggered, add an empty rule `{}` if you want it be triggered for every request';
/** Said of a policy that reaches further than it reads, since TCP has none of the attributes of HTTP. */
const DENIES_ALL_TCP =
  'configured AuthorizationPolicy will deny all traffic to TCP ports under its scope due to the use of only HTTP attributes in a DENY rule; it is recommended to explicitly specify the port';

/** An AuthorizationPolicy: its action, and what each rule asks of source, operation and conditions. */
export function checkAuthorizationPolicy(found: Findings, subject: Subject): void {
  const { name, namespace, spec } = subject;
  const action = stringAt(spec, 'action') || 'ALLOW';
  const rules = objectsAt(spec, 'rules');
  checkTargets(found, spec);
  if (action === 'CUSTOM') checkCustom(found, spec, rules);
  found.errorIf(
    isSet(spec['provider']) && action !== 'CUSTOM',
    `\`provider\` must not be with non CUSTOM action, found ${action}`,
  );
  found.errorIf(
    action === 'DENY' && rules.length === 0,
    `DENY action without \`rules\` ${FOR_EVERY_REQUEST}`,
  );
  for (const [index, rule] of rules.entries()) {
    checkRule(found, rule, index);
    found.warningIf(action === 'DENY' && deniesAllTcp(rule), DENIES_ALL_TCP);
  }
  found.prefixErrors(`invalid policy ${name}.${namespace}:`);
}

/** Fields of a source that only the proxy can judge, not the provider that is asked. */
const NOT_FOR_PROVIDERS = [
  'Namespaces',
  'NotNamespaces',
  'ServiceAccounts',
  'NotServiceAccounts',
  'TrustDomains',
  'NotTrustDomains',
  'Principals',
  'NotPrincipals',
  'RequestPrincipals',
  'NotRequestPrincipals',
];
const CONDITIONS_NOT_FOR_PROVIDERS = new Set([
  'source.namespace',
  'source.serviceAccount',
  'source.trustDomain',
  'source.principal',
]);

function checkCustom(found: Findings, spec: JsonObject, rules: readonly JsonObject[]): void {
  if (rules.length === 0) {
    found.error(`CUSTOM action without \`rules\` ${FOR_EVERY_REQUEST}`);
    return;
  }
  found.errorIf(stringAt(spec, 'provider', 'name') === '', '`provider.name` must not be empty');
  for (const { from, when } of rules) {
    for (const { source } of objectsAt(from)) {
      for (const name of NOT_FOR_PROVIDERS) {
        found.errorIf(
          isFilled(objectAt(source)[fieldOf(name)]),
          `From.${name} is currently not supported with CUSTOM action`,
        );
      }
    }
    for (const condition of objectsAt(when)) {
      const key = stringAt(condition, 'key');
      found.errorIf(
        CONDITIONS_NOT_FOR_PROVIDERS.has(key) || key.startsWith('request.auth.'),
        `${key} is currently not supported with CUSTOM action`,
      );
    }
  }
}

function checkRule(found: Findings, rule: JsonObject, index: number): void {
  const place = `found at rule ${index}`;
  for (const { source } of objectsAt(rule, 'from')) {
    if (isSet(source)) checkSource(found, objectAt(source), place);
    else found.error(`\`from.source\` must not be nil, ${place}`);
  }
  for (const { operation } of objectsAt(rule, 'to')) {
    if (isSet(operation)) checkOperation(found, objectAt(operation), place);
    else found.error(`\`to.operation\` must not be nil, ${place}`);
  }
  for (const condition of objectsAt(rule, 'when')) checkCondition(found, condition);
}

type ValueCheck = (name: string, values: readonly string[]) => string | undefined;

/** The fields of a source in the order in which istiod checks them, and how. */
const SOURCE_FIELDS: readonly (readonly [name: string, check: ValueCheck])[] = [
  ['Principals', emptyValueProblem],
  ['RequestPrincipals', emptyValueProblem],
  ['Namespaces', emptyValueProblem],
  ['ServiceAccounts', serviceAccountProblem],
  ['TrustDomains', trustDomainProblem],
  ['IpBlocks', emptyValueProblem],
  ['RemoteIpBlocks', emptyValueProblem],
  ['NotPrincipals', emptyValueProblem],
  ['NotRequestPrincipals', emptyValueProblem],
  ['NotNamespaces', emptyValueProblem],
  ['NotServiceAccounts', serviceAccountProblem],
  ['NotTrustDomains', trustDomainProblem],
  ['NotIpBlocks', emptyValueProblem],
  ['NotRemoteIpBlocks', emptyValueProblem],
];

function checkSource(found: Findings, source: JsonObject, place: string): void {
  const has = (...names: readonly string[]) => names.some((name) => isFilled(source[name]));
  found.errorIf(
    has('principals', 'notPrincipals', 'namespaces', 'notNamespaces') &&
      has('serviceAccounts', 'notServiceAccounts'),
    `cannot set serviceAccounts with namespaces or principals, ${place}`,
  );
  found.errorIf(
    !has(...SOURCE_FIELDS.map(([name]) => fieldOf(name))),
    `\`from.source\` must not be empty, ${place}`,
  );
  for (const name of ['ipBlocks', 'notIpBlocks', 'remoteIpBlocks', 'notRemoteIpBlocks']) {
    checkIpBlocks(found, stringsAt(source[name]));
  }
  for (const [name, check] of SOURCE_FIELDS) {
    found.error(check(name, stringsAt(source[fieldOf(name)])));
  }
}

const OPERATIONS = ['', 'Not'].flatMap((prefix) =>
  ['Ports', 'Methods', 'Paths', 'Hosts'].map((name) => prefix + name),
);

function checkOperation(found: Findings, operation: JsonObject, place: string): void {
  found.errorIf(
    !OPERATIONS.some((name) => isFilled(operation[fieldOf(name)])),
    `\`to.operation\` must not be empty, ${place}`,
  );
  checkPorts(found, stringsAt(operation, 'ports'));
  checkPorts(found, stringsAt(operation, 'notPorts'));
  for (const name of OPERATIONS) {
    found.error(emptyValueProblem(name, stringsAt(operation[fieldOf(name)])));
  }
  for (const name of ['Paths', 'NotPaths']) {
    found.error(pathTemplateProblem(name, stringsAt(operation[fieldOf(name)])));
  }
}

function checkCondition(found: Findings, condition: JsonObject): void {
  const key = stringAt(condition, 'key');
  const [values, notValues] = [stringsAt(condition, 'values'), stringsAt(condition, 'notValues')];
  if (key === '') {
    found.error('`key` must not be empty');
  } else if (values.length === 0 && notValues.length === 0) {
    found.error(`at least one of \`values\` or \`notValues\` must be set for key ${key}`);
  } else {
    const [wrong, wrongNot] = [attributeProblem(key, values), attributeProblem(key, notValues)];
    found.errorIf(wrong !== undefined, `invalid \`value\` for \`key\` ${key}: ${wrong}`);
    found.errorIf(wrongNot !== undefined, `invalid \`notValue\` for \`key\` ${key}: ${wrongNot}`);
  }
}

/** What a connection has as well: who comes from where. */
const TCP_SOURCES = [
  'principals',
  'ipBlocks',
  'namespaces',
  'remoteIpBlocks',
  'serviceAccounts',
  'notPrincipals',
  'notIpBlocks',
  'notNamespaces',
  'notRemoteIpBlocks',
  'notServiceAccounts',
];

/** Whether a rule names attributes of HTTP alone, which are left out where a connection is no HTTP; conditions do not count. */
function deniesAllTcp(rule: JsonObject): boolean {
  const sources = partsOf(rule['from'], 'source');
  const operations = partsOf(rule['to'], 'operation');
  return operations.length > 0
    ? !hasAny(operations, ['ports', 'notPorts'])
    : sources.length > 0 && !hasAny(sources, TCP_SOURCES);
}

function hasAny(parts: readonly JsonObject[], names: readonly string[]): boolean {
  return parts.some((part) => names.some((name) => isFilled(part[name])));
}

function partsOf(list: Json | undefined, name: string): readonly JsonObject[] {
  return objectsAt(list)
    .filter((item) => isSet(item[name]))
    .map((item) => objectAt(item, name));
}

/** The field that istiod's messages call by its name in Go. */
function fieldOf(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
