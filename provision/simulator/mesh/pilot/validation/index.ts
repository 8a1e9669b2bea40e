import { objectAt, stringAt, stringMapAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { annotationProblem } from './annotations.ts';
import { checkPeerAuthentication, checkRequestAuthentication } from './authentication.ts';
import { checkAuthorizationPolicy } from './authorization-policy.ts';
import { checkDestinationRule } from './destination-rule.ts';
import { checkEnvoyFilter } from './envoy-filter.ts';
import { checkTrafficExtension, checkWasmPlugin } from './extensions.ts';
import { Findings } from './findings.ts';
import { checkGateway } from './gateway.ts';
import { checkProxyConfig } from './proxy-config.ts';
import { checkServiceEntry } from './service-entry.ts';
import { checkSidecar } from './sidecar.ts';
import { sayWhatIsNotSimulated } from './simulated.ts';
import type { ExpressionCheck, KindCheck } from './subject.ts';
import { checkTelemetry } from './telemetry.ts';
import { checkVirtualService } from './virtual-service.ts';
import { checkWorkloadEntry, checkWorkloadGroup } from './workload.ts';

/** What istiod says of an object. */
export interface Verdict {
  /** Why it is refused, each reason in Istio's words; empty when it is not. */
  readonly errors: readonly string[];
  /** What is accepted and still unwise, or not simulated. */
  readonly warnings: readonly string[];
  /** The errors as one text: alone as it is, several as a list (`2 errors occurred:` and a line for each). */
  readonly text: string;
}

const CHECKS: Readonly<Record<string, KindCheck>> = {
  AuthorizationPolicy: checkAuthorizationPolicy,
  DestinationRule: checkDestinationRule,
  EnvoyFilter: checkEnvoyFilter,
  Gateway: checkGateway,
  PeerAuthentication: checkPeerAuthentication,
  ProxyConfig: checkProxyConfig,
  RequestAuthentication: checkRequestAuthentication,
  ServiceEntry: checkServiceEntry,
  Sidecar: checkSidecar,
  Telemetry: checkTelemetry,
  TrafficExtension: checkTrafficExtension,
  VirtualService: checkVirtualService,
  WasmPlugin: checkWasmPlugin,
  WorkloadEntry: checkWorkloadEntry,
  WorkloadGroup: checkWorkloadGroup,
};

/** Whether istiod knows a kind; it refuses what it does not know. */
export function isValidated(kind: string): boolean {
  return Object.hasOwn(CHECKS, kind);
}

/**
 * What istiod's webhook says of an object of Istio's, whatever its version; nothing of kinds that it does not know. Only
 * rules that a schema cannot hold stand here. Never throws.
 * @param expressionProblem judges expressions of CEL; left out, they are taken as they are
 */
export function validate(object: JsonObject, expressionProblem?: ExpressionCheck): Verdict {
  const found = new Findings();
  const kind = stringAt(object, 'kind');
  const check = Object.hasOwn(CHECKS, kind) ? CHECKS[kind] : undefined;
  if (check !== undefined) checkObject(found, object, { check, expressionProblem });
  const { errors, warnings, text } = found;
  return { errors, warnings, text };
}

interface Checks {
  readonly check: KindCheck;
  readonly expressionProblem: ExpressionCheck | undefined;
}

function checkObject(found: Findings, object: JsonObject, checks: Checks): void {
  const metadata = objectAt(object, 'metadata');
  const kind = stringAt(object, 'kind');
  const subject = {
    name: stringAt(metadata, 'name'),
    namespace: stringAt(metadata, 'namespace'),
    labels: stringMapAt(metadata, 'labels'),
    spec: objectAt(object, 'spec'),
    expressionProblem: checks.expressionProblem,
  };
  const refused = annotationProblem(kind, subject, stringMapAt(metadata, 'annotations'));
  if (refused !== undefined) {
    found.error(refused);
    return;
  }
  checks.check(found, subject);
  sayWhatIsNotSimulated(found, kind, subject.spec);
}
