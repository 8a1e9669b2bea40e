import { isList, isObject } from '../../kinds/json.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';

/** Fields by name; `open` allows anything below, and a list has the fields of each item. */
interface Fields {
  readonly [name: string]: Fields | 'open';
}

/**
 * Paths in an IstioOperator spec that Istio does not have, in the order met; empty when all are known.
 * Kubernetes settings and free-form maps are not looked into.
 */
export function unknownFields(spec: JsonObject): readonly string[] {
  return unknownIn(spec, SPEC, 'spec');
}

function unknownIn(tree: Json | undefined, fields: Fields | 'open', path: string): string[] {
  if (fields === 'open') return [];
  if (isList(tree)) {
    return tree.flatMap((item, index) => unknownIn(item, fields, `${path}[${index}]`));
  }
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

const COMPONENT: Fields = open('enabled hub k8s namespace tag');
const GATEWAY: Fields = { ...COMPONENT, ...open('label name') };

const MESH_CONFIG: Fields = {
  ...open(`
    accessLogEncoding accessLogFile accessLogFormat ca caCertificates certificates configSources connectTimeout
    defaultDestinationRuleExportTo defaultHttpRetryPolicy defaultProviders defaultServiceExportTo
    defaultVirtualServiceExportTo disableEnvoyListenerLog discoverySelectors dnsRefreshRate enableAutoMtls
    enableEnvoyAccessLogService enablePrometheusMerge enableTracing extensionProviders
    hboneIdleTimeout h2UpgradePolicy inboundClusterStatName inboundTrafficPolicy ingressClass
    ingressControllerMode ingressSelector ingressService localityLbSetting meshMTLS meshNetworks
    mixerCheckServer outboundClusterStatName outboundTrafficPolicy pathNormalization protocolDetectionTimeout
    proxyHttpPort proxyInboundListenPort proxyListenPort reportBatchMaxEntries rootNamespace
    serviceScopeConfigs serviceSettings statNameLength tcpKeepalive tlsDefaults trustDomain trustDomainAliases
    verifyCertificateAtClient`),
  defaultConfig: open(`
    availabilityZone binaryPath caCertificatesPem concurrency configPath controlPlaneAuthPolicy customConfigFile
    discoveryAddress discoveryRefreshDelay drainDuration envoyAccessLogService envoyMetricsService
    extraStatTags fileFlushInterval fileFlushMinSizeKb gatewayTopology holdApplicationUntilProxyStarts image
    interceptionMode meshId privateKeyProvider proxyAdminPort proxyBootstrapTemplatePath proxyHeaders
    proxyMetadata proxyStatsMatcher readinessProbe runtimeValues sds serviceCluster statNameLength
    statsCompression statsdUdpAddress statusPort terminationDrainDuration tracing tracingServiceName
    zipkinAddress`),
};

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
  ...open('compatibilityVersion hub namespace profile revision tag unvalidatedValues'),
  meshConfig: MESH_CONFIG,
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
