/** Istio's resources that the control plane watches. */
import type { Resource } from '../../client/client.ts';
import type { DestinationRule } from './destination-rule.ts';
import type { EnvoyFilter } from './envoy-filter.ts';
import type { Gateway } from './gateway.ts';
import type { AuthorizationPolicy, PeerAuthentication, RequestAuthentication } from './security.ts';
import type { ServiceEntry, WorkloadEntry } from './service-entry.ts';
import type { Sidecar } from './sidecar.ts';
import type { Telemetry } from './telemetry.ts';
import type { VirtualService } from './virtual-service.ts';

const NETWORKING = { group: 'networking.istio.io', version: 'v1', isNamespaced: true } as const;
const SECURITY = { group: 'security.istio.io', version: 'v1', isNamespaced: true } as const;

export const virtualServices: Resource<VirtualService> = {
  ...NETWORKING,
  plural: 'virtualservices',
  kind: 'VirtualService',
};
export const destinationRules: Resource<DestinationRule> = {
  ...NETWORKING,
  plural: 'destinationrules',
  kind: 'DestinationRule',
};
export const gateways: Resource<Gateway> = { ...NETWORKING, plural: 'gateways', kind: 'Gateway' };
export const serviceEntries: Resource<ServiceEntry> = {
  ...NETWORKING,
  plural: 'serviceentries',
  kind: 'ServiceEntry',
};
export const workloadEntries: Resource<WorkloadEntry> = {
  ...NETWORKING,
  plural: 'workloadentries',
  kind: 'WorkloadEntry',
};
export const sidecars: Resource<Sidecar> = { ...NETWORKING, plural: 'sidecars', kind: 'Sidecar' };
export const envoyFilters: Resource<EnvoyFilter> = {
  ...NETWORKING,
  version: 'v1alpha3',
  plural: 'envoyfilters',
  kind: 'EnvoyFilter',
};
export const peerAuthentications: Resource<PeerAuthentication> = {
  ...SECURITY,
  plural: 'peerauthentications',
  kind: 'PeerAuthentication',
};
export const requestAuthentications: Resource<RequestAuthentication> = {
  ...SECURITY,
  plural: 'requestauthentications',
  kind: 'RequestAuthentication',
};
export const authorizationPolicies: Resource<AuthorizationPolicy> = {
  ...SECURITY,
  plural: 'authorizationpolicies',
  kind: 'AuthorizationPolicy',
};
export const telemetries: Resource<Telemetry> = {
  group: 'telemetry.istio.io',
  version: 'v1',
  isNamespaced: true,
  plural: 'telemetries',
  kind: 'Telemetry',
};
