/** What upstream demands of network policies (Kubernetes, pkg/apis/networking/validation). */
import { isIP } from 'node:net';

import { asText, isObject, isUnset, listAt, numberAt, objectAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { forbidden, invalid, notSupported, required } from './fields/field-errors.ts';
import { expressionErrors } from './fields/label-selectors.ts';
import { portReferenceErrors, PROTOCOLS } from './fields/ports.ts';

const DIRECTIONS = [
  { key: 'ingress', peers: 'from' },
  { key: 'egress', peers: 'to' },
] as const;
const POLICY_TYPES = ['Egress', 'Ingress'];

export function validateNetworkPolicy(policy: JsonObject): readonly FieldError[] {
  const spec = objectAt(policy, 'spec');
  const types = listAt(spec, 'policyTypes');
  return [
    ...expressionErrors(spec['podSelector'], 'spec.podSelector'),
    ...DIRECTIONS.flatMap(({ key, peers }) =>
      listAt(spec, key).flatMap((rule, i) => [
        ...listAt(rule, 'ports').flatMap((port, j) =>
          portErrors(port, `spec.${key}[${i}].ports[${j}]`),
        ),
        ...listAt(rule, peers).flatMap((peer, j) =>
          peerErrors(peer, `spec.${key}[${i}].${peers}[${j}]`),
        ),
      ]),
    ),
    ...(types.length > 2
      ? [invalid('spec.policyTypes', types, 'may not specify more than two policyTypes')]
      : types.flatMap((type, i) =>
          POLICY_TYPES.includes(asText(type))
            ? []
            : [notSupported(`spec.policyTypes[${i}]`, type, POLICY_TYPES)],
        )),
  ];
}

function portErrors(port: Json, field: string): readonly FieldError[] {
  const protocol = stringAt(port, 'protocol');
  const { port: first } = objectAt(port);
  const last = numberAt(port, 'endPort');
  const endText =
    typeof first !== 'number'
      ? `may not be specified when \`port\` is ${isUnset(first) ? 'not specified' : 'non-numeric'}`
      : last !== undefined && last < first
        ? 'must be greater than or equal to `port`'
        : '';
  const endField = `${field}.endPort`;
  const endErrors =
    typeof first === 'number'
      ? [invalid(endField, last, endText)]
      : [
          isUnset(first)
            ? required(`${field}.port`, 'must be specified when `endPort` is specified')
            : invalid(endField, last, endText),
        ];
  return [
    ...(PROTOCOLS.includes(protocol)
      ? []
      : [notSupported(`${field}.protocol`, protocol, PROTOCOLS)]),
    ...portReferenceErrors(first, `${field}.port`),
    ...(last !== undefined && endText !== '' ? endErrors : []),
  ];
}

function peerErrors(peer: Json, field: string): readonly FieldError[] {
  const { podSelector, namespaceSelector, ipBlock } = objectAt(peer);
  const selectors = [
    ...expressionErrors(podSelector, `${field}.podSelector`),
    ...expressionErrors(namespaceSelector, `${field}.namespaceSelector`),
  ];
  const hasSelector = isObject(podSelector) || isObject(namespaceSelector);
  if (!isObject(ipBlock)) {
    return hasSelector ? selectors : [required(field, 'must specify a peer')];
  }
  return [
    ...selectors,
    ...blockErrors(ipBlock, `${field}.ipBlock`),
    ...(hasSelector ? [forbidden(field, 'may not specify both ipBlock and another peer')] : []),
  ];
}

function blockErrors(block: JsonObject, field: string): readonly FieldError[] {
  const cidr = stringAt(block, 'cidr');
  return [
    ...(cidr === '' ? [required(`${field}.cidr`)] : cidrErrors(cidr, `${field}.cidr`)),
    ...listAt(block, 'except').flatMap((one, i) =>
      cidrErrors(asText(one), `${field}.except[${i}]`),
    ),
  ];
}

function cidrErrors(cidr: string, field: string): readonly FieldError[] {
  const [address = '', bits = ''] = cidr.split('/');
  const limit = { 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return /^\d+$/.test(bits) && Number(bits) <= limit
    ? []
    : [invalid(field, cidr, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
}
