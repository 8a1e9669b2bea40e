import { baseObjects } from '../../install/base.ts';
import { resolveOperator } from '../../install/index.ts';
import { textAt } from '../../install/tree.ts';
import { type Chart, learnMore } from './chart.ts';
import { asOfChart } from './helm-labels.ts';

/** Istio's definitions and the default validator. CRDs outlive the release. */
export const baseChart: Chart = {
  name: 'base',
  description: 'Helm chart for deploying Istio cluster resources and CRDs',
  keywords: ['istio'],
  values: {
    base: { enableIstioConfigCRDs: true, excludedCRDs: [], validationURL: '' },
    defaultRevision: 'default',
    global: { istioNamespace: 'istio-system', imagePullSecrets: [] },
  },
  render(values, release, crds) {
    const defaultRevision = textAt(values, 'defaultRevision');
    const operator = resolveOperator({
      files: [
        {
          apiVersion: 'install.istio.io/v1alpha1',
          kind: 'IstioOperator',
          spec: {
            revision: defaultRevision,
            values: { global: { istioNamespace: textAt(values, 'global', 'istioNamespace') } },
          },
        },
      ],
    });
    const wanted = textAt(values, 'base', 'enableIstioConfigCRDs') === 'false' ? [] : crds;
    return baseObjects(operator, wanted)
      .filter(({ kind }) => kind !== 'ValidatingWebhookConfiguration' || defaultRevision !== '')
      .map((object) => {
        const isCrd = object.kind === 'CustomResourceDefinition';
        const chart = asOfChart(object, release);
        const annotations = { ...chart.metadata.annotations, 'helm.sh/resource-policy': 'keep' };
        return {
          source: `templates/${SOURCES[object.kind] ?? 'reader-serviceaccount'}.yaml`,
          object: isCrd ? { ...chart, metadata: { ...chart.metadata, annotations } } : chart,
        };
      });
  },
  notes: (release) => `Istio base successfully installed!\n\n${learnMore(release)}`,
};

const SOURCES: Readonly<Record<string, string>> = {
  CustomResourceDefinition: 'crds',
  ValidatingWebhookConfiguration: 'defaultrevision-validatingwebhookconfiguration',
  ClusterRole: 'reader-clusterrole',
  ClusterRoleBinding: 'reader-clusterrolebinding',
};
