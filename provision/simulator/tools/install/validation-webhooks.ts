import type { NewObject } from '../../client/client.ts';
import type { JsonObject, Labels } from '../../kinds/object.ts';
import { clusterWide, revised, revisionLabel } from './names.ts';
import type { Operator } from './operator.ts';

/** Refuses wrong Istio objects through this revision's istiod: those labelled with the revision, or (default validator) the rest. */
export function validationWebhook(
  operator: Operator,
  labels: Labels,
  name: 'istiod-default-validator' | 'istio-validator',
): NewObject {
  const isDefault = name === 'istiod-default-validator';
  const revisionRule: JsonObject = isDefault
    ? { key: 'istio.io/rev', operator: 'DoesNotExist' }
    : { key: 'istio.io/rev', operator: 'In', values: [revisionLabel(operator)] };
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: {
      name: isDefault ? name : clusterWide(name, operator),
      labels: { ...labels, app: 'istiod', istio: 'istiod' },
    },
    webhooks: [
      {
        name: isDefault ? 'validation.istio.io' : 'rev.validation.istio.io',
        admissionReviewVersions: ['v1'],
        clientConfig: {
          service: {
            name: revised('istiod', operator),
            namespace: operator.namespace,
            path: '/validate',
          },
        },
        // istiod closes this door itself, once it answers: otherwise nothing could be written while it is away.
        failurePolicy: 'Ignore',
        objectSelector: { matchExpressions: [revisionRule] },
        rules: [
          {
            apiGroups: [
              'security.istio.io',
              'networking.istio.io',
              'telemetry.istio.io',
              'extensions.istio.io',
            ],
            apiVersions: ['*'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['*'],
          },
        ],
        sideEffects: 'None',
      },
    ],
  };
}
