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
