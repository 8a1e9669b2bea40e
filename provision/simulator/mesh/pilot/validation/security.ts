import { listAt, objectAt, stringAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { asObjects, isPort, problems } from './parts.ts';

export function validatePeerAuthentication(spec: JsonObject): readonly string[] {
  const ports = Object.keys(objectAt(spec, 'portLevelMtls'));
  const labels = objectAt(spec, 'selector', 'matchLabels');
  return problems(
    [
      ports.length > 0 && Object.keys(labels).length === 0,
      'mesh/namespace peer authentication cannot have port level mTLS',
    ],
    [ports.some((port) => !isPort(Number(port))), 'port must be in range 1..65535'],
  );
}

export function validateRequestAuthentication(spec: JsonObject): readonly string[] {
  return asObjects(spec['jwtRules']).flatMap(({ issuer, jwksUri, audiences }) =>
    problems(
      [
        stringAt(issuer) === '' && stringAt(jwksUri) === '',
        'issuer or jwksUri must be non-empty string',
      ],
      [listAt(audiences).includes(''), 'audience must be non-empty string'],
    ),
  );
}

/** @param name `name.namespace`, which Istio puts before each message */
export function validateAuthorizationPolicy(spec: JsonObject, name: string): readonly string[] {
  const rules = listAt(spec, 'rules');
  const found = [
    ...problems([
      spec['action'] === 'DENY' && rules.length === 0,
      'DENY action without `rules` is meaningless as it will never be triggered, add an empty rule `{}` if you want it be triggered for every request',
    ]),
    ...asObjects(rules).flatMap(validateRule),
    ...problems([
      spec['provider'] !== undefined && spec['action'] !== 'CUSTOM',
      `\`provider\` must not be with non CUSTOM action, found ${stringAt(spec, 'action') || 'ALLOW'}`,
    ]),
  ];
  return found.map((message) => `invalid policy ${name}: ${message}`);
}

/** Said of a policy that reaches further than it reads, since TCP has none of the attributes of HTTP. */
export const DENIES_ALL_TCP =
  'configured AuthorizationPolicy will deny all traffic to TCP ports under its scope due to the use of only HTTP attributes in a DENY rule; it is recommended to explicitly specify the port';

/** Whether a DENY rule names attributes of HTTP alone, which are left out where a connection is no HTTP. */
export function deniesAllTcp(spec: JsonObject): boolean {
  return (
    spec['action'] === 'DENY' &&
    asObjects(spec['rules']).some((rule) => {
      const attributes = attributesOf(rule);
      return attributes.length > 0 && !attributes.some((name) => TCP_ATTRIBUTES.has(name));
    })
  );
}

/** What a connection has as well: who comes from where, and to which port. */
const TCP_ATTRIBUTES = new Set([
  ...['principals', 'namespaces', 'ipBlocks', 'ports', 'serviceAccounts', 'trustDomains'],
  ...['notPrincipals', 'notNamespaces', 'notIpBlocks', 'notPorts'],
  ...['notServiceAccounts', 'notTrustDomains', 'connection', 'destination', 'source'],
]);

/** Names of all fields of a rule's sources and operations, and of its conditions the first words. */
function attributesOf(rule: JsonObject): readonly string[] {
  return [
    ...asObjects(rule['from']).flatMap(({ source }) => Object.keys(objectAt(source))),
    ...asObjects(rule['to']).flatMap(({ operation }) => Object.keys(objectAt(operation))),
    ...asObjects(rule['when']).map(({ key }) => stringAt(key).split('.')[0] ?? ''),
  ];
}

function validateRule(rule: JsonObject, index: number): readonly string[] {
  const operations = asObjects(rule['to']).map(({ operation }) => Object.keys(objectAt(operation)));
  return [
    ...problems(
      [isEmptyList(rule['from']), `\`from\` must not be empty, found at rule ${index}`],
      [isEmptyList(rule['to']), `\`to\` must not be empty, found at rule ${index}`],
      [
        operations.some((fields) => fields.length === 0),
        `\`to.operation\` must not be empty, found at rule ${index}`,
      ],
    ),
    ...asObjects(rule['when']).flatMap(({ key, values, notValues }) =>
      problems(
        [stringAt(key) === '', '`key` must not be empty'],
        [
          listAt(values).length === 0 && listAt(notValues).length === 0,
          `at least one of \`values\` or \`notValues\` must be set for key ${stringAt(key)}`,
        ],
      ),
    ),
  ];
}

function isEmptyList(value: JsonObject[string]): boolean {
  return Array.isArray(value) && value.length === 0;
}
