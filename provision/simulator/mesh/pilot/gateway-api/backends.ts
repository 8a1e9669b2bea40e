import { fullHost } from '../../hosts.ts';
import type { Destination } from '../../istio/virtual-service.ts';
import type { Problem } from './conditions.ts';
import { isGranted } from './grants.ts';
import type { BackendReference } from './kinds.ts';
import { type GatewayApiObjects, isNamed } from './objects.ts';

/** Whose rules are translated. */
export interface RouteContext {
  readonly objects: GatewayApiObjects;
  /** `HTTPRoute` … */
  readonly kind: string;
  readonly namespace: string;
}

/** Where a backend is, or as far as it is known, and what is wrong with it. */
export interface Backend {
  readonly destination: Destination;
  readonly problem?: Problem;
}

/** A cluster that does not exist: requests to it get 500. */
const NOWHERE: Destination = { host: 'internal.cluster.local', port: { number: 65_535 } };

/** What a backendRef means: a Service of the namespace, or of another that grants it, or a host of the mesh. */
export function backendOf(reference: BackendReference, context: RouteContext): Backend {
  const { group = '', kind = 'Service', name, namespace = context.namespace, port } = reference;
  if (!isPermitted(reference, context)) {
    return {
      destination: NOWHERE,
      problem: {
        reason: 'RefNotPermitted',
        message: `backendRef ${name}/${namespace} not accessible to a ${context.kind} in namespace "${context.namespace}" (missing a ReferenceGrant?)`,
      },
    };
  }
  const isService = group === '' && kind === 'Service';
  if (!isService && !(group === 'networking.istio.io' && kind === 'Hostname')) {
    return {
      destination: NOWHERE,
      problem: {
        reason: 'InvalidKind',
        message: `referencing unsupported backendRef: group ${JSON.stringify(group)} kind ${JSON.stringify(kind)}`,
      },
    };
  }
  if (isService && name.includes('.')) {
    return invalid('service name invalid; the name of the Service must be used, not the hostname.');
  }
  if (port === undefined) return invalid('port is required in backendRef');
  const host = isService ? fullHost(name, namespace) : name;
  const destination = { host, port: { number: port } };
  const isKnown = isService
    ? context.objects.services.some(isNamed(name, namespace))
    : hasHost(name, context);
  if (isKnown) return { destination };
  return {
    destination,
    problem: { reason: 'BackendNotFound', message: `backend(${host}) not found` },
  };
}

function invalid(message: string): Backend {
  return { destination: NOWHERE, problem: { reason: 'InvalidDestination', message } };
}

function isPermitted(
  { name, namespace }: BackendReference,
  { objects, kind, namespace: own }: RouteContext,
): boolean {
  return isGranted(objects.grants, {
    fromKind: kind,
    fromNamespace: own,
    toKind: 'Service',
    toNamespace: namespace ?? own,
    toName: name,
  });
}

function hasHost(host: string, { objects }: RouteContext): boolean {
  return (
    objects.serviceEntries.some(({ spec }) => spec?.hosts?.includes(host)) ||
    objects.services.some(
      ({ metadata }) => fullHost(metadata.name, metadata.namespace ?? 'default') === host,
    )
  );
}
