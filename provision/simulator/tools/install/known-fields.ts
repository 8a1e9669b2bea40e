import { isList, isObject } from '../../kinds/json.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { K8S_FIELDS } from './patches.ts';

/** Fields by name; `open` allows anything below, and a list has the fields of each item. */
interface Fields {
  readonly [name: string]: Fields | 'open';
}

/**
 * What Istio says of the first field of an IstioOperator spec that it does not have; undefined when it has all.
 * Free-form maps are not looked into, nor is the mesh configuration, whose unknown fields Istio passes over.
 */
export function unknownField(spec: JsonObject): string | undefined {
  const [path] = unknownIn(spec, SPEC, 'spec');
  if (path === undefined) return undefined;
  const dot = path.lastIndexOf('.');
  const name = JSON.stringify(path.slice(dot + 1));
  const message = MESSAGES[path.slice(0, dot)];
  return message === undefined
    ? `json: unknown field ${name}`
    : `error unmarshaling JSON: while decoding JSON: unknown field ${name} in istio.operator.v1alpha1.${message}`;
}

/** Names that Istio gives to the parts of `values`. */
const MESSAGES: Readonly<Record<string, string>> = {
  'spec.values': 'Values',
  'spec.values.gateways': 'GatewaysConfig',
  'spec.values.gateways.istio-egressgateway': 'EgressGatewayConfig',
  'spec.values.gateways.istio-ingressgateway': 'IngressGatewayConfig',
  'spec.values.global': 'GlobalConfig',
  'spec.values.global.proxy': 'ProxyConfig',
  'spec.values.global.proxy_init': 'ProxyInitConfig',
  'spec.values.pilot': 'PilotConfig',
  'spec.values.sidecarInjectorWebhook': 'SidecarInjectorConfig',
};

function unknownIn(tree: Json | undefined, fields: Fields | 'open', path: string): string[] {
  if (fields === 'open') return [];
  if (isList(tree)) return tree.flatMap((item) => unknownIn(item, fields, path));
  if (!isObject(tree)) return [];
  return Object.entries(tree).flatMap(([name, value]) => {
    const below = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return below === undefined ? [`${path}.${name}`] : unknownIn(value, below, `${path}.${name}`);
  });
}

function open(names: string): Fields {
  return Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, 'open'] as const),
  );
}

const COMPONENT: Fields = { ...open('enabled hub namespace tag'), k8s: open(K8S_FIELDS.join(' ')) };
const GATEWAY: Fields = { ...COMPONENT, ...open('label name') };

const PROXY: Fields = open(`
  autoInject clusterDomain componentLogLevel enableCoreDump excludeIPRanges excludeInboundPorts
  excludeOutboundPorts holdApplicationUntilProxyStarts image includeIPRanges includeInboundPorts
  includeOutboundPorts lifecycle logLevel outlierLogPath privileged readinessFailureThreshold
  readinessInitialDelaySeconds readinessPeriodSeconds resources seccompProfile startupProbe statusPort tracer`);

const GLOBAL: Fields = {
  ...open(`
    agentgateway autoscalingv2API caAddress caName certSigners configCluster configRootNamespace configValidation
    defaultConfigVisibilitySettings defaultNodeSelector defaultPodDisruptionBudget defaultResources
    defaultTolerations enableHelmTest enabled externalIstiod hub imagePullPolicy imagePullSecrets ipFamilies
    ipFamilyPolicy istioNamespace istiod istiodRemote jwtPolicy logAsJson logging meshID meshNetworks
    mountMtlsCerts mtls multiCluster nativeNftables network networkPolicy omitSidecarInjectorConfigMap
    operatorManageWebhooks pilotCertProvider platform podDNSSearchNamespaces priorityClassName
    remotePilotAddress resourceScope sds sts tag trustBundleName tracer variant waypoint xdsHostname`),
  proxy: PROXY,
  proxy_init: open('forceApplyIptables image resources'),
};

const PILOT: Fields = open(`
  affinity autoscaleBehavior autoscaleEnabled autoscaleMax autoscaleMin cni configMap configNamespace
  configSource cpu crdClustering deploymentLabels enabled env envVarFrom extraContainerArgs hub image
  initContainers ipFamilies ipFamilyPolicy istiodRemote jwksResolverExtraRootCA keepaliveMaxServerConnectionAge
  memory nodeSelector podAnnotations podLabels replicaCount resources rollingMaxSurge rollingMaxUnavailable
  seccompProfile serviceAccountAnnotations serviceAnnotations tag taint tolerations topologySpreadConstraints
  traceSampling trustedZtunnelName trustedZtunnelNamespace variant volumeMounts volumes`);

const GATEWAY_VALUES: Fields = open(`
  affinity autoscaleBehavior autoscaleEnabled autoscaleMax autoscaleMin configVolumes cpu customService enabled env
  externalIPs externalTrafficPolicy ingressPorts injectionTemplate ipFamilies ipFamilyPolicy labels
  loadBalancerClass loadBalancerIP loadBalancerSourceRanges memory name namespace nodeSelector
  podAnnotations podAntiAffinityLabelSelector podAntiAffinityTermLabelSelector ports replicaCount resources
  rollingMaxSurge rollingMaxUnavailable runAsRoot secretVolumes serviceAccount serviceAnnotations tolerations type`);

const VALUES: Fields = {
  ...open(`
    ambient base clusterResources cni compatibilityVersion defaultRevision enabled experimental gatewayClasses
    istio_cni istiodRemote meshConfig name ownerName platform profile revision revisionTags telemetry ztunnel`),
  gateways: {
    ...open('enabled securityContext seccompProfile'),
    'istio-egressgateway': GATEWAY_VALUES,
    'istio-ingressgateway': GATEWAY_VALUES,
  },
  global: GLOBAL,
  pilot: PILOT,
  sidecarInjectorWebhook: open(`
    alwaysInjectSelector defaultTemplates enableNamespacesByDefault injectedAnnotations injectionURL
    neverInjectSelector reinvocationPolicy rewriteAppHTTPProbe templates`),
};

const SPEC: Fields = {
  ...open('compatibilityVersion hub meshConfig namespace profile revision tag unvalidatedValues'),
  components: {
    base: COMPONENT,
    cni: COMPONENT,
    pilot: COMPONENT,
    ztunnel: COMPONENT,
    ingressGateways: GATEWAY,
    egressGateways: GATEWAY,
  },
  values: VALUES,
};
