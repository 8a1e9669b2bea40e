/** Defaults of services, endpoints and network policies. */
import { changeField, changeItems, isUnset, listAt, stringAt, withDefaults } from '../json.ts';
import type { JsonObject } from '../object.ts';

/** How long a client stays with a pod under sessionAffinity ClientIP: 3 h. */
const AFFINITY_SECONDS = 10_800;

export function defaultService(service: JsonObject): JsonObject {
  return withBalancerStatus(changeField(service, 'spec', defaultServiceSpec));
}

function defaultServiceSpec(spec: JsonObject): JsonObject {
  const type = stringAt(spec, 'type') || 'ClusterIP';
  const isExternal = type === 'NodePort' || type === 'LoadBalancer';
  const hasExternalTraffic = isExternal || listAt(spec, 'externalIPs').length > 0;
  const affinity = stringAt(spec, 'sessionAffinity') || 'None';
  const { sessionAffinityConfig: _config, ...withoutConfig } = spec;
  const isConfigVain = affinity === 'None' && !isUnset(spec['sessionAffinityConfig']);
  const complete = withDefaults(isConfigVain ? withoutConfig : spec, {
    sessionAffinity: affinity,
    type,
    ...(affinity === 'ClientIP' && {
      sessionAffinityConfig: { clientIP: { timeoutSeconds: AFFINITY_SECONDS } },
    }),
    ...(hasExternalTraffic && { externalTrafficPolicy: 'Cluster' }),
    ...(type !== 'ExternalName' && { internalTrafficPolicy: 'Cluster', ...families(spec) }),
    ...(type === 'LoadBalancer' && { allocateLoadBalancerNodePorts: true }),
  });
  return changeItems(complete, 'ports', (port) => {
    const target = port['targetPort'];
    const isTargetUnset = isUnset(target) || target === 0 || target === '';
    const targeted = isTargetUnset ? { ...port, targetPort: port['port'] } : port;
    return withDefaults(targeted, { protocol: 'TCP' });
  });
}

// The simulated cluster has IPv4 only, but upstream promises both for a headless service without a selector.
function families(spec: JsonObject): JsonObject {
  const isHeadless = spec['clusterIP'] === 'None';
  return isHeadless && isUnset(spec['selector'])
    ? { ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' }
    : { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' };
}

export function defaultEndpoints(endpoints: JsonObject): JsonObject {
  return changeItems(endpoints, 'subsets', (subset) =>
    changeItems(subset, 'ports', (port) => withDefaults(port, { protocol: 'TCP' })),
  );
}

export function defaultEndpointSlice(slice: JsonObject): JsonObject {
  return changeItems(slice, 'ports', (port) => withDefaults(port, { name: '', protocol: 'TCP' }));
}

export function defaultNetworkPolicy(policy: JsonObject): JsonObject {
  return changeField(policy, 'spec', (spec) => {
    const hasEgress = listAt(spec, 'egress').length > 0;
    const complete = withDefaults(spec, {
      podSelector: {},
      policyTypes: hasEgress ? ['Ingress', 'Egress'] : ['Ingress'],
    });
    return ['ingress', 'egress'].reduce(
      (one, direction) =>
        changeItems(one, direction, (rule) =>
          changeItems(rule, 'ports', (port) => withDefaults(port, { protocol: 'TCP' })),
        ),
      complete,
    );
  });
}

export function defaultIngress(ingress: JsonObject): JsonObject {
  return withBalancerStatus(ingress);
}

export function defaultIngressClass(ingressClass: JsonObject): JsonObject {
  return changeField(ingressClass, 'spec', (spec) =>
    changeField(spec, 'parameters', (parameters) => withDefaults(parameters, { scope: 'Cluster' })),
  );
}

function withBalancerStatus(object: JsonObject): JsonObject {
  const complete = withDefaults(object, { status: {} });
  return changeField(complete, 'status', (status) => withDefaults(status, { loadBalancer: {} }));
}
