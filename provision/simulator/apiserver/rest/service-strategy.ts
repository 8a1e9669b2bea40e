/** What a Service loses when its type changes (upstream: pkg/registry/core/service/strategy.go, dropTypeDependentFields). */
import type { Json, JsonObject } from '../../kinds/object.ts';
import {
  isObject,
  isSame,
  listAt,
  numberAt,
  objectAt,
  stringAt,
  withValue,
} from '../objects/json.ts';

/** The changed Service without what only its old type needed, as far as the change says nothing about it. */
export function dropTypeDependentFields(service: JsonObject, old: JsonObject): JsonObject {
  const before = objectAt(old, 'spec');
  const after = objectAt(service, 'spec');
  if (stringAt(before, 'type') === stringAt(after, 'type')) return service;
  const lost = FIELDS.filter(
    ({ key, isNeeded }) => isNeeded(before) && !isNeeded(after) && isSame(before[key], after[key]),
  ).map(({ key }) => key);
  const kept = Object.fromEntries(Object.entries(after).filter(([key]) => !lost.includes(key)));
  const hadNodePorts =
    isOutside(before) && !isOutside(after) && isSame(portsOf(before), portsOf(after));
  const ports = listAt(after, 'ports').map(withoutNodePort);
  return withValue(service, ['spec'], { ...kept, ...(hadNodePorts && { ports }) });
}

type Spec = JsonObject;

function isOutside(spec: Spec): boolean {
  return spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer';
}

function isBalancer(spec: Spec): boolean {
  return spec['type'] === 'LoadBalancer';
}

function isInside(spec: Spec): boolean {
  return spec['type'] !== 'ExternalName';
}

function isReachable(spec: Spec): boolean {
  return isOutside(spec) || listAt(spec, 'externalIPs').length > 0;
}

const FIELDS: readonly { readonly key: string; readonly isNeeded: (spec: Spec) => boolean }[] = [
  ...['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy'].map(
    (key) => ({ key, isNeeded: isInside }),
  ),
  ...['allocateLoadBalancerNodePorts', 'loadBalancerClass', 'healthCheckNodePort'].map((key) => ({
    key,
    isNeeded: isBalancer,
  })),
  { key: 'externalTrafficPolicy', isNeeded: isReachable },
  { key: 'externalName', isNeeded: (spec) => !isInside(spec) },
];

function portsOf(spec: Spec): readonly Json[] {
  return listAt(spec, 'ports').map((port) => numberAt(port, 'nodePort') ?? 0);
}

function withoutNodePort(port: Json): Json {
  if (!isObject(port)) return port;
  const { nodePort: _nodePort, ...rest } = port;
  return rest;
}
