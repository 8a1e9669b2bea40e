import { objectAt, stringAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { validateDestinationRule } from './destination-rule.ts';
import { Findings } from './findings.ts';
import { validateGateway } from './gateway.ts';
import { asObjects } from './parts.ts';
import {
  deniesAllTcp,
  DENIES_ALL_TCP,
  validateAuthorizationPolicy,
  validatePeerAuthentication,
  validateRequestAuthentication,
} from './security.ts';
import { validateServiceEntry, validateSidecar } from './service-entry.ts';
import { sayWhatIsNotSimulated } from './simulated.ts';
import { warnUnusedRules } from './unused-rules.ts';
import { validateVirtualService } from './virtual-service.ts';

const ENVOY_FILTER_WARNING =
  'EnvoyFilter exposes internal implementation details that may change at any time. Prefer other APIs if possible, and exercise extreme caution, especially around upgrades.';

/** What istiod says of an object. */
export interface Verdict {
  /** Why it is refused, each reason in Istio's words; empty when it is not. */
  readonly errors: readonly string[];
  /** What is accepted and still unwise, or not simulated. */
  readonly warnings: readonly string[];
  /** The errors as one text: alone as it is, several as a list (`2 errors occurred:` and a line for each). */
  readonly text: string;
}

/**
 * What istiod's webhook says of an object of Istio's, whatever its version; nothing of kinds that it does not know. Only
 * rules that a schema cannot hold stand here. Never throws.
 */
export function validate(object: JsonObject): Verdict {
  const findings = new Findings();
  for (const error of validateIstioObject(object)) findings.error(error);
  const kind = stringAt(object, 'kind');
  const spec = objectAt(object, 'spec');
  if (kind === 'EnvoyFilter') findings.warning(ENVOY_FILTER_WARNING);
  if (kind === 'AuthorizationPolicy') findings.warningIf(deniesAllTcp(spec), DENIES_ALL_TCP);
  if (kind === 'VirtualService') {
    for (const list of ['http', 'tcp', 'tls']) warnUnusedRules(findings, asObjects(spec[list]));
  }
  sayWhatIsNotSimulated(findings, kind, spec);
  const { errors, warnings, text } = findings;
  return { errors, warnings, text };
}

/** What istiod's webhook says against an object of Istio's, in Istio's words; empty when nothing. */
function validateIstioObject(object: JsonObject): readonly string[] {
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
