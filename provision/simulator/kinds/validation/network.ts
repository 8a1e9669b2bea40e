/** What upstream demands of services, ingresses and their kin. */
import { isIP, isIPv4 } from 'node:net';

import {
  asText,
  isObject,
  isSame,
  isUnset,
  listAt,
  numberAt,
  objectAt,
  stringAt,
} from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import {
  duplicate,
  immutable,
  invalid,
  invalids,
  notSupported,
  oneOf,
  required,
} from './field-errors.ts';
import { expressionErrors } from './label-selectors.ts';
import { labelErrors } from './metadata.ts';
import { labelNameProblems, portNumberProblems, subdomainProblems } from './names.ts';
import { portReferenceErrors, PROTOCOLS } from './ports.ts';

const SERVICE_TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const AFFINITIES = ['ClientIP', 'None'];
/** Of kube-apiserver's --service-node-port-range. */
const NODE_PORTS = { from: 30_000, to: 32_767 };

export function validateService(
  service: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const spec = objectAt(service, 'spec');
  const type = stringAt(spec, 'type');
  const affinity = stringAt(spec, 'sessionAffinity');
  const ports = listAt(spec, 'ports');
  const isHeadless = spec['clusterIP'] === 'None';
  return [
    ...(ports.length === 0 && !isHeadless && type !== 'ExternalName'
      ? [required('spec.ports')]
      : []),
    ...typeErrors(spec, type, isHeadless),
    ...ports.flatMap((port, i) => portErrors(port, `spec.ports[${i}]`, ports.length > 1)),
    ...duplicatePorts(ports),
    ...labelErrors(spec['selector'], 'spec.selector'),
    ...(AFFINITIES.includes(affinity)
      ? []
      : [notSupported('spec.sessionAffinity', affinity, AFFINITIES)]),
    ...listAt(spec, 'externalIPs').flatMap((ip, i) => ipErrors(ip, `spec.externalIPs[${i}]`)),
    ...(SERVICE_TYPES.includes(type) ? [] : [notSupported('spec.type', type, SERVICE_TYPES)]),
    ...(old ? addressChange(spec, objectAt(old, 'spec')) : clusterIpErrors(spec)),
  ];
}

function typeErrors(spec: JsonObject, type: string, isHeadless: boolean): readonly FieldError[] {
  if (type === 'ExternalName') {
    const name = stringAt(spec, 'externalName');
    const bare = name.endsWith('.') ? name.slice(0, -1) : name;
    return name === ''
      ? [required('spec.externalName')]
      : invalids('spec.externalName', name, subdomainProblems(bare));
  }
  const isReachable = type === 'LoadBalancer' || type === 'NodePort';
  return isReachable && isHeadless
    ? [invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`)]
    : [];
}

function portErrors(port: Json, field: string, isNameNeeded: boolean): readonly FieldError[] {
  const name = stringAt(port, 'name');
  const number = numberAt(port, 'port') ?? 0;
  const target = objectAt(port)['targetPort'];
  return [
    ...(isNameNeeded && name === '' ? [required(`${field}.name`)] : []),
    ...(name === '' ? [] : invalids(`${field}.name`, name, labelNameProblems(name))),
    ...invalids(`${field}.port`, number, portNumberProblems(number)),
    ...oneOf(`${field}.protocol`, stringAt(port, 'protocol'), PROTOCOLS),
    ...portReferenceErrors(target, `${field}.targetPort`),
    ...nodePortErrors(numberAt(port, 'nodePort') ?? 0, `${field}.nodePort`),
  ];
}

function nodePortErrors(nodePort: number, field: string): readonly FieldError[] {
  const { from, to } = NODE_PORTS;
  const isInRange = nodePort === 0 || (nodePort >= from && nodePort <= to);
  return isInRange
    ? []
    : [
        invalid(
          field,
          nodePort,
          `provided port is not in the valid range. The range of valid ports is ${from}-${to}`,
        ),
      ];
}

function duplicatePorts(ports: readonly Json[]): readonly FieldError[] {
  const names = new Set<string>();
  const numbers = new Set<string>();
  const nameErrors: FieldError[] = [];
  const numberErrors: FieldError[] = [];
  ports.forEach((port, i) => {
    const name = stringAt(port, 'name');
    if (name !== '' && names.has(name)) nameErrors.push(duplicate(`spec.ports[${i}].name`, name));
    names.add(name);
    const key = `${stringAt(port, 'protocol')}/${numberAt(port, 'port') ?? 0}`;
    if (numbers.has(key)) {
      const shown = { protocol: stringAt(port, 'protocol'), port: numberAt(port, 'port') ?? 0 };
      numberErrors.push(duplicate(`spec.ports[${i}]`, shown));
    }
    numbers.add(key);
  });
  return [...nameErrors, ...numberErrors];
}

function clusterIpErrors(spec: JsonObject): readonly FieldError[] {
  const ip = stringAt(spec, 'clusterIP');
  return ip === '' || ip === 'None' ? [] : ipErrors(ip, 'spec.clusterIPs[0]');
}

function ipErrors(ip: Json, field: string): readonly FieldError[] {
  return typeof ip === 'string' && isIP(ip) !== 0
    ? []
    : [invalid(field, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
}

function addressChange(spec: JsonObject, old: JsonObject): readonly FieldError[] {
  const before = stringAt(old, 'clusterIP');
  const after = stringAt(spec, 'clusterIP');
  const wasExternal = stringAt(old, 'type') === 'ExternalName';
  const isExternal = stringAt(spec, 'type') === 'ExternalName';
  if (wasExternal || isExternal || before === '' || before === after) return [];
  return [invalid('spec.clusterIPs[0]', [after], 'may not change once set')];
}

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];

export function validateIngress(ingress: JsonObject): readonly FieldError[] {
  const spec = objectAt(ingress, 'spec');
  const rules = listAt(spec, 'rules');
  const backend = spec['defaultBackend'];
  return [
    ...(rules.length === 0 && isUnset(backend)
      ? [invalid('spec', spec, 'either `defaultBackend` or `rules` must be specified')]
      : []),
    ...(isUnset(backend) ? [] : backendErrors(backend, 'spec.defaultBackend')),
    ...rules.flatMap((rule, i) => ruleErrors(rule, `spec.rules[${i}]`)),
  ];
}

function ruleErrors(rule: Json, field: string): readonly FieldError[] {
  const host = stringAt(rule, 'host');
  const bare = host.startsWith('*.') ? host.slice(2) : host;
  const http = objectAt(rule)['http'];
  const paths = listAt(http, 'paths');
  return [
    ...(host !== '' && isIP(host) !== 0
      ? [invalid(`${field}.host`, host, 'must be a DNS name, not an IP address')]
      : []),
    ...(host === '' ? [] : invalids(`${field}.host`, host, subdomainProblems(bare))),
    ...(isObject(http) && paths.length === 0 ? [required(`${field}.http.paths`)] : []),
    ...paths.flatMap((path, i) => pathErrors(path, `${field}.http.paths[${i}]`)),
  ];
}

function pathErrors(path: Json, field: string): readonly FieldError[] {
  const type = stringAt(path, 'pathType');
  const text = stringAt(path, 'path');
  const errors: FieldError[] = [];
  if (type === '') errors.push(required(`${field}.pathType`, 'pathType must be specified'));
  else if (!PATH_TYPES.includes(type))
    errors.push(notSupported(`${field}.pathType`, type, PATH_TYPES));
  const isAbsoluteNeeded = type === 'Exact' || type === 'Prefix' || text !== '';
  if (isAbsoluteNeeded && !text.startsWith('/')) {
    errors.push(invalid(`${field}.path`, text, 'must be an absolute path'));
  }
  return [...errors, ...backendErrors(objectAt(path)['backend'], `${field}.backend`)];
}

function backendErrors(backend: Json | undefined, field: string): readonly FieldError[] {
  const service = objectAt(backend)['service'];
  const hasResource = !isUnset(objectAt(backend)['resource']);
  if (hasResource) {
    return isUnset(service)
      ? []
      : [invalid(field, '', 'cannot set both resource and service backends')];
  }
  if (!isObject(service)) return [required(field, 'resource or service backend is required')];
  const port = objectAt(service, 'port');
  const hasPort = stringAt(port, 'name') !== '' || (numberAt(port, 'number') ?? 0) !== 0;
  return [
    ...(stringAt(service, 'name') === '' ? [required(`${field}.service.name`)] : []),
    ...(hasPort ? [] : [required(`${field}.service`, 'port name or number is required')]),
  ];
}

export function validateNetworkPolicy(policy: JsonObject): readonly FieldError[] {
  const spec = objectAt(policy, 'spec');
  return [
    ...expressionErrors(spec['podSelector'], 'spec.podSelector'),
    ...(['ingress', 'egress'] as const).flatMap((direction) => {
      const peers = direction === 'ingress' ? 'from' : 'to';
      return listAt(spec, direction).flatMap((rule, i) =>
        listAt(rule, peers).flatMap((peer, j) =>
          Object.keys(objectAt(peer)).length === 0
            ? [required(`spec.${direction}[${i}].${peers}[${j}]`, 'must specify a peer')]
            : [],
        ),
      );
    }),
  ];
}

export function validateEndpoints(endpoints: JsonObject): readonly FieldError[] {
  return listAt(endpoints, 'subsets').flatMap((subset, i) => {
    const addresses = [...listAt(subset, 'addresses'), ...listAt(subset, 'notReadyAddresses')];
    const field = `subsets[${i}]`;
    return [
      ...(addresses.length === 0
        ? [required(field, 'must specify `addresses` or `notReadyAddresses`')]
        : []),
      ...listAt(subset, 'addresses').flatMap((address, j) =>
        ipErrors(stringAt(address, 'ip'), `${field}.addresses[${j}].ip`),
      ),
    ];
  });
}

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];

export function validateEndpointSlice(
  slice: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const type = stringAt(slice, 'addressType');
  if (type === '') return [required('addressType')];
  if (!ADDRESS_TYPES.includes(type)) return [notSupported('addressType', type, ADDRESS_TYPES)];
  const hasChanged = old !== undefined && !isSame(old['addressType'], type);
  return [
    ...immutable('addressType', type, hasChanged),
    ...listAt(slice, 'endpoints').flatMap((endpoint, i) => {
      const addresses = listAt(endpoint, 'addresses');
      return [
        ...(addresses.length === 0
          ? [required(`endpoints[${i}].addresses`, 'must contain at least 1 address')]
          : []),
        ...addresses.flatMap((address, j) =>
          type === 'IPv4' && !isIPv4(asText(address))
            ? [invalid(`endpoints[${i}].addresses[${j}]`, address, 'must be a valid IPv4 address')]
            : [],
        ),
      ];
    }),
  ];
}

/** The spec of an IngressClass names its controller. */
export function validateIngressClass(ingressClass: JsonObject): readonly FieldError[] {
  return stringAt(ingressClass, 'spec', 'controller') === '' ? [required('spec.controller')] : [];
}
