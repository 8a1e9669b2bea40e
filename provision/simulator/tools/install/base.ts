import type { NewObject } from '../../client/client.ts';
import { installLabels } from './names.ts';
import type { Operator } from './operator.ts';
import { readerRbac } from './rbac.ts';
import { validationWebhook } from './validation-webhooks.ts';

/** What all revisions share: CRDs, the reader account for other clusters, and the default validator. */
export function baseObjects(operator: Operator, crds: readonly NewObject[]): readonly NewObject[] {
  const labels = installLabels(operator, 'Base', 'base');
  return [
    ...crds.map((crd) => ({
      ...crd,
      metadata: { ...crd.metadata, labels: { ...labels, ...crd.metadata.labels } },
    })),
    ...readerRbac(operator, labels),
    validationWebhook(operator, labels, 'istiod-default-validator'),
  ];
}
