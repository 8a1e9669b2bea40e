/** What upstream demands of services and of the endpoints behind them (Kubernetes, pkg/apis/core/validation: ValidateService). */
import { isIPv4 } from 'node:net';

import { asText, isSame, isUnset, listAt, numberAt, objectAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { ipErrors } from './fields/addresses.ts';
import {
  duplicate,
  forbidden,
  immutable,
  invalid,
  invalids,
  notSupported,
  oneOf,
  required,
} from './fields/field-errors.ts';
import { labelErrors } from './fields/metadata.ts';
import { labelNameProblems, portNumberProblems, subdomainProblems } from './fields/names.ts';
import { portReferenceErrors, PROTOCOLS } from './fields/ports.ts';

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
  const names = new Set<string>();
  return [
    ...(ports.length === 0 && !isHeadless && type !== 'ExternalName'
      ? [required('spec.ports')]
      : []),
    ...typeErrors(spec, type, isHeadless),
    ...ports.flatMap((port, i) =>
      portErrors(port, `spec.ports[${i}]`, { isNameNeeded: ports.length > 1, names }),
    ),
    ...labelErrors(spec['selector'], 'spec.selector'),
    ...(AFFINITIES.includes(affinity)
      ? []
      : [notSupported('spec.sessionAffinity', affinity, AFFINITIES)]),
    ...affinityErrors(spec),
    ...(old ? addressChange(spec, objectAt(old, 'spec')) : clusterIpErrors(spec)),
    ...listAt(spec, 'externalIPs').flatMap((ip, i) => ipErrors(ip, `spec.externalIPs[${i}]`)),
    ...(SERVICE_TYPES.includes(type) ? [] : [notSupported('spec.type', type, SERVICE_TYPES)]),
    ...nodePortErrors(ports, type),
    ...duplicatePorts(ports),
    ...policyErrors(spec, type),
  ];
}

const AFFINITY_LIMIT_SECONDS = 86_400;

function affinityErrors(spec: JsonObject): readonly FieldError[] {
  if (spec['sessionAffinity'] !== 'ClientIP') return [];
  const seconds = numberAt(spec, 'sessionAffinityConfig', 'clientIP', 'timeoutSeconds') ?? 0;
  return seconds > 0 && seconds <= AFFINITY_LIMIT_SECONDS
    ? []
    : [
        invalid(
          'spec.sessionAffinityConfig.clientIP.timeoutSeconds',
          seconds,
          `must be greater than 0 and less than ${AFFINITY_LIMIT_SECONDS}`,
        ),
      ];
}

/** Node ports: none for services inside the cluster, each once, all in the range. */
function nodePortErrors(ports: readonly Json[], type: string): readonly FieldError[] {
  const { from, to } = NODE_PORTS;
  const taken = new Set<string>();
  return ports.flatMap((port, i) => {
    const nodePort = numberAt(port, 'nodePort') ?? 0;
    const field = `spec.ports[${i}].nodePort`;
    const key = `${stringAt(port, 'protocol')}/${nodePort}`;
    if (nodePort === 0) return [];
    if (type === 'ClusterIP') {
      return [forbidden(field, "may not be used when `type` is 'ClusterIP'")];
    }
    if (taken.has(key)) return [duplicate(field, nodePort)];
    taken.add(key);
    return nodePort >= from && nodePort <= to
      ? []
      : [
          invalid(
            field,
            nodePort,
            `provided port is not in the valid range. The range of valid ports is ${from}-${to}`,
          ),
        ];
  });
}

const POLICIES = ['Cluster', 'Local'];

/** Fields that mean something only for some types of services. */
function policyErrors(spec: JsonObject, type: string): readonly FieldError[] {
  const internal = stringAt(spec, 'internalTrafficPolicy');
  return [
    ...(type === 'LoadBalancer' ? [] : balancerFields(spec)),
    ...externalPolicyErrors(spec, type),
    ...(internal === '' || POLICIES.includes(internal)
      ? []
      : [notSupported('spec.internalTrafficPolicy', internal, POLICIES)]),
  ];
}

function balancerFields(spec: JsonObject): readonly FieldError[] {
  const used = [
    ...(listAt(spec, 'loadBalancerSourceRanges').length > 0 ? ['loadBalancerSourceRanges'] : []),
    ...['allocateLoadBalancerNodePorts', 'loadBalancerClass'].filter((key) => !isUnset(spec[key])),
  ];
  return used.map((key) =>
    forbidden(`spec.${key}`, "may only be used when `type` is 'LoadBalancer'"),
  );
}

function externalPolicyErrors(spec: JsonObject, type: string): readonly FieldError[] {
  const policy = stringAt(spec, 'externalTrafficPolicy');
  const field = 'spec.externalTrafficPolicy';
  const isExternal =
    type === 'NodePort' || type === 'LoadBalancer' || listAt(spec, 'externalIPs').length > 0;
  if (policy === '') return [];
  if (!isExternal) {
    return [invalid(field, policy, 'may only be set for externally-accessible services')];
  }
  return POLICIES.includes(policy) ? [] : [notSupported(field, policy, POLICIES)];
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

function portErrors(
  port: Json,
  field: string,
  { isNameNeeded, names }: { readonly isNameNeeded: boolean; readonly names: Set<string> },
): readonly FieldError[] {
  const name = stringAt(port, 'name');
  const number = numberAt(port, 'port') ?? 0;
  const isTaken = name !== '' && names.has(name);
  names.add(name);
  return [
    ...(isNameNeeded && name === '' ? [required(`${field}.name`)] : []),
    ...(name === '' ? [] : invalids(`${field}.name`, name, labelNameProblems(name))),
    ...(isTaken ? [duplicate(`${field}.name`, name)] : []),
    ...invalids(`${field}.port`, number, portNumberProblems(number)),
    ...oneOf(`${field}.protocol`, stringAt(port, 'protocol'), PROTOCOLS),
    ...portReferenceErrors(objectAt(port)['targetPort'], `${field}.targetPort`),
  ];
}

function duplicatePorts(ports: readonly Json[]): readonly FieldError[] {
  const numbers = new Set<string>();
  return ports.flatMap((port, i) => {
    const Protocol = stringAt(port, 'protocol');
    const Port = numberAt(port, 'port') ?? 0;
    const key = `${Protocol}/${Port}`;
    // Upstream shows a port of which only these two are set, in Go's names.
    const shown = { Name: '', Protocol, AppProtocol: null, Port, TargetPort: 0, NodePort: 0 };
    if (numbers.has(key)) return [duplicate(`spec.ports[${i}]`, shown)];
    numbers.add(key);
    return [];
  });
}

function clusterIpErrors(spec: JsonObject): readonly FieldError[] {
  const ip = stringAt(spec, 'clusterIP');
  return ip === '' || ip === 'None' ? [] : ipErrors(ip, 'spec.clusterIPs[0]');
}

function addressChange(spec: JsonObject, old: JsonObject): readonly FieldError[] {
  const before = stringAt(old, 'clusterIP');
  const after = stringAt(spec, 'clusterIP');
  const wasExternal = stringAt(old, 'type') === 'ExternalName';
  const isExternal = stringAt(spec, 'type') === 'ExternalName';
  if (wasExternal || isExternal || before === '' || before === after) return [];
  return [invalid('spec.clusterIPs[0]', [after], 'may not change once set')];
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
