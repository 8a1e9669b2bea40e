import { objectAt, stringAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { validateDestinationRule } from './destination-rule.ts';
import { validateGateway } from './gateway.ts';
import {
  validateAuthorizationPolicy,
  validatePeerAuthentication,
  validateRequestAuthentication,
} from './security.ts';
import { validateServiceEntry, validateSidecar } from './service-entry.ts';
import { validateVirtualService } from './virtual-service.ts';

/**
 * What istiod's webhook says against an object of Istio's, in Istio's words; empty when nothing. Only rules that a schema
 * cannot hold stand here.
 */
export function validateIstioObject(object: JsonObject): readonly string[] {
  const spec = objectAt(object, 'spec');
  const { name, namespace } = objectAt(object, 'metadata');
  switch (stringAt(object, 'kind')) {
    case 'AuthorizationPolicy':
      return validateAuthorizationPolicy(spec, `${stringAt(name)}.${stringAt(namespace)}`);
    case 'DestinationRule':
      return validateDestinationRule(spec);
    case 'Gateway':
      return validateGateway(spec);
    case 'PeerAuthentication':
      return validatePeerAuthentication(spec);
    case 'RequestAuthentication':
      return validateRequestAuthentication(spec);
    case 'ServiceEntry':
      return validateServiceEntry(spec);
    case 'Sidecar':
      return validateSidecar(spec);
    case 'VirtualService':
      return validateVirtualService(spec);
    default:
      return [];
  }
}
