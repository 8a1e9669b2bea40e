import { annotationsOfPods } from './analyzers/annotations.ts';
import { authorizationPolicies, unrestrictedKeyFetches } from './analyzers/authorization.ts';
import { negativeConditions } from './analyzers/conditions.ts';
import { reservedUsers, servicesOfDeployments } from './analyzers/deployments.ts';
import { deprecatedFields } from './analyzers/deprecation.ts';
import { emptySubsets, unverifiedServers } from './analyzers/destination-rules.ts';
import { envoyPatches } from './analyzers/envoy-filters.ts';
import {
  conflictingGateways,
  gatewayCredentials,
  gatewayPorts,
  sharedCertificates,
} from './analyzers/gateways.ts';
import {
  automaticImages,
  namespaceLabels,
  outdatedProxies,
  podsWithoutProxy,
} from './analyzers/injection.ts';
import { ineffectiveSelectors, oldDefinitions } from './analyzers/kubernetes-gateway.ts';
import { portNames } from './analyzers/port-names.ts';
import { schemaOf } from './analyzers/schema.ts';
import { entriesWithoutAddress } from './analyzers/service-entries.ts';
import { sidecars } from './analyzers/sidecars.ts';
import {
  generalTelemetry,
  lightstep,
  missingProviders,
  telemetrySelectors,
} from './analyzers/telemetry.ts';
import { conflictingHosts, gatewayReferences } from './analyzers/virtual-service-gateways.ts';
import {
  claimRoutes,
  destinationHosts,
  destinationSubsets,
  ingressRoutes,
} from './analyzers/virtual-services.ts';
import { webhooks } from './analyzers/webhooks.ts';
import type { Message } from './message.ts';
import type { AnalyzedKind, World } from './world.ts';

type Find = (world: World) => readonly Message[];

interface Analyzer {
  /** As `istioctl analyze -L` lists it. */
  readonly name: string;
  readonly description: string;
  readonly find: Find;
}

const SCHEMA_KINDS: readonly AnalyzedKind[] = [
  'AuthorizationPolicy',
  'DestinationRule',
  'EnvoyFilter',
  'Gateway',
  'PeerAuthentication',
  'ProxyConfig',
  'RequestAuthentication',
  'ServiceEntry',
  'Sidecar',
  'Telemetry',
  'VirtualService',
  'WasmPlugin',
  'WorkloadEntry',
  'WorkloadGroup',
];

/** What `istioctl analyze` looks for; a new question is one function and one entry here. */
export const ANALYZERS: readonly Analyzer[] = [
  analyzer(
    'annotations.K8sAnalyzer',
    'Istio annotations that are misplaced or wrong',
    annotationsOfPods,
  ),
  analyzer('applicationUID.Analyzer', "Applications that run as the proxy's user", reservedUsers),
  analyzer(
    'auth.AuthorizationPoliciesAnalyzer',
    'Authorization policies without a workload',
    authorizationPolicies,
  ),
  analyzer(
    'authn.BlockedCIDRsAnalyzer',
    'Whether istiod fetches keys from anywhere',
    unrestrictedKeyFetches,
  ),
  analyzer('conditions.ConditionAnalyzer', 'Conditions that tell of a failure', negativeConditions),
  analyzer(
    'deployment.MultiServiceAnalyzer',
    'Services that disagree about the pods behind them',
    servicesOfDeployments,
  ),
  analyzer(
    'deprecation.DeprecationAnalyzer',
    'Fields and kinds that Istio is giving up',
    deprecatedFields,
  ),
  analyzer(
    'destinationrule.CaCertificateAnalyzer',
    'TLS to servers that nobody verifies',
    unverifiedServers,
  ),
  analyzer('destinationrule.SubsetSelectPodAnalyzer', 'Subsets without a pod', emptySubsets),
  analyzer(
    'envoyfilter.EnvoyPatchAnalyzer',
    'Patches that are ignored or depend on their order',
    envoyPatches,
  ),
  analyzer('gateway.CertificateAnalyzer', 'Certificates shared by gateways', sharedCertificates),
  analyzer(
    'gateway.ConflictingGatewayAnalyzer',
    'Gateways that listen for the same',
    conflictingGateways,
  ),
  analyzer(
    'gateway.IngressGatewayPortAnalyzer',
    'Ports of gateways that no Service passes on',
    gatewayPorts,
  ),
  analyzer('gateway.SecretAnalyzer', 'Certificates of gateways', gatewayCredentials),
  analyzer(
    'injection.Analyzer',
    'Namespaces that say nothing of injection, and pods that missed it',
    (world) => [...namespaceLabels(world), ...podsWithoutProxy(world)],
  ),
  analyzer(
    'injection.ImageAnalyzer',
    'Proxies of another version than the injector puts in',
    outdatedProxies,
  ),
  analyzer('injection.ImageAutoAnalyzer', 'Images that injection was to fill in', automaticImages),
  analyzer(
    'k8sgateway.CRDVersionAnalyzer',
    'Definitions of Gateway API that are too old',
    oldDefinitions,
  ),
  analyzer(
    'k8sgateway.SelectorAnalyzer',
    'Selectors that a Kubernetes Gateway does not heed',
    ineffectiveSelectors,
  ),
  analyzer(
    'service.PortNameAnalyzer',
    'Ports whose names do not tell Istio their protocol',
    portNames,
  ),
  analyzer('serviceentry.Analyzer', 'ServiceEntries that need addresses', entriesWithoutAddress),
  analyzer('sidecar.SelectorAnalyzer', 'Sidecars without a pod, or several for one', sidecars),
  analyzer(
    'telemetry.DefaultSelectorAnalyzer',
    'Several Telemetry objects for one namespace',
    generalTelemetry,
  ),
  analyzer('telemetry.LightstepAnalyzer', 'Tracers that Istio is giving up', lightstep),
  analyzer('telemetry.ProviderAnalyzer', 'Access logs without a provider', missingProviders),
  analyzer(
    'telemetry.SelectorAnalyzer',
    'Telemetry without a pod, or several for one',
    telemetrySelectors,
  ),
  analyzer(
    'virtualservice.ConflictingMeshGatewayHostsAnalyzer',
    'Several VirtualServices of the sidecars for one host',
    conflictingHosts,
  ),
  analyzer(
    'virtualservice.DestinationHostAnalyzer',
    'Hosts and ports that do not exist',
    (world) => [...destinationHosts(world), ...ingressRoutes(world)],
  ),
  analyzer(
    'virtualservice.DestinationRuleAnalyzer',
    'Subsets that no DestinationRule declares',
    destinationSubsets,
  ),
  analyzer(
    'virtualservice.GatewayAnalyzer',
    'Gateways that do not exist or do not take the hosts',
    gatewayReferences,
  ),
  analyzer(
    'virtualservice.JWTClaimRouteAnalyzer',
    'Routes by claims of tokens that nobody checks',
    claimRoutes,
  ),
  analyzer('webhook.Analyzer', "Istio's injection webhooks", webhooks),
  ...SCHEMA_KINDS.map((kind) =>
    analyzer(
      `schema.ValidationAnalyzer.${kind}`,
      `What istiod refuses in '${kind}' objects`,
      schemaOf(kind),
    ),
  ),
];

function analyzer(name: string, description: string, find: Find): Analyzer {
  return { name, description, find };
}
