/** Istio's resources that the control plane watches. */
import type { Resource } from '../../client/client.ts';
import type { DestinationRule, Gateway, VirtualService } from './types.ts';

const NETWORKING = { group: 'networking.istio.io', version: 'v1', isNamespaced: true } as const;

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
