import { GATEWAY_GROUP, type ReferenceGrant } from './kinds.ts';

/** Who refers to what in another namespace. */
export interface CrossReference {
  readonly fromKind: string;
  readonly fromNamespace: string;
  readonly toKind: 'Service' | 'Secret';
  readonly toNamespace: string;
  readonly toName: string;
}

/** Whether a ReferenceGrant of the namespace referred to allows it (https://gateway-api.sigs.k8s.io/api-types/referencegrant/). */
export function isGranted(grants: readonly ReferenceGrant[], reference: CrossReference): boolean {
  if (reference.fromNamespace === reference.toNamespace) return true;
  return grants
    .filter(({ metadata }) => metadata.namespace === reference.toNamespace)
    .some(
      ({ spec }) =>
        spec?.from?.some(
          ({ group, kind, namespace }) =>
            group === GATEWAY_GROUP &&
            kind === reference.fromKind &&
            namespace === reference.fromNamespace,
        ) &&
        spec.to?.some(
          ({ group, kind, name }) =>
            group === '' &&
            kind === reference.toKind &&
            (name === undefined || name === reference.toName),
        ),
    );
}
