import { isObject, listAt, objectAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { DEFAULT_VALUES } from '../../install/default-values.ts';
import { injectionWebhooks, type Operator, resolveOperator } from '../../install/index.ts';
import { istiodObjects, tagService } from '../../install/istiod.ts';
import { installLabels } from '../../install/names.ts';
import { textAt } from '../../install/tree.ts';
import { type Chart, learnMore, type Rendered, type ReleaseName } from './chart.ts';
import { asOfChart } from './helm-labels.ts';

const PILOT = objectAt(DEFAULT_VALUES, 'pilot');

/** The control plane of one revision, and the revision tags that point to it. */
export const istiodChart: Chart = {
  name: 'istiod',
  description: 'Helm chart for istio control plane',
  keywords: ['istio', 'istiod', 'istio-discovery'],
  values: {
    ...PILOT,
    defaultRevision: '',
    global: objectAt(DEFAULT_VALUES, 'global'),
    meshConfig: { enablePrometheusMerge: true },
    revision: '',
    revisionTags: [],
    sidecarInjectorWebhook: objectAt(DEFAULT_VALUES, 'sidecarInjectorWebhook'),
    telemetry: objectAt(DEFAULT_VALUES, 'telemetry'),
  },
  render(values, release) {
    const operator = operatorOf(values, release);
    const objects = istiodObjects(operator, false).map((object): Rendered => {
      const source = `templates/${SOURCES[object.kind] ?? object.kind.toLowerCase()}.yaml`;
      return { source, object };
    });
    return [...objects, ...tagObjects(operator, values)].map(({ source, object }) => ({
      source,
      object: asOfChart(object, release),
    }));
  },
  notes: (release) => `"${release.name}" successfully installed!

${learnMore(release)}
Next steps:
  * Deploy a Gateway: https://istio.io/latest/docs/setup/additional-setup/gateway/
  * Try out our tasks to get started on common configurations:
    * https://istio.io/latest/docs/tasks/traffic-management
    * https://istio.io/latest/docs/tasks/security/
    * https://istio.io/latest/docs/tasks/policy-enforcement/
  * Review the list of actively supported releases, CVE publications and our hardening guide:
    * https://istio.io/latest/docs/releases/supported-releases/
    * https://istio.io/latest/news/security/
    * https://istio.io/latest/docs/ops/best-practices/security/

For further documentation see https://istio.io website
`,
};

/** What the values mean: the chart has istiod's settings at the top, where an IstioOperator has them below `pilot`. */
function operatorOf(values: JsonObject, { namespace }: ReleaseName): Operator {
  const { global, meshConfig, sidecarInjectorWebhook, telemetry, pilot, revision } = values;
  const top = Object.entries(values).filter(([name]) => Object.hasOwn(PILOT, name));
  const spec: JsonObject = {
    profile: textAt(values, 'profile') || 'minimal',
    namespace,
    ...(revision !== undefined && { revision }),
    ...(values['compatibilityVersion'] !== undefined && {
      compatibilityVersion: values['compatibilityVersion'],
    }),
    ...(isObject(meshConfig) && { meshConfig }),
    values: {
      global: { istioNamespace: namespace, ...objectAt(global) },
      pilot: { ...Object.fromEntries(top), ...objectAt(pilot) },
      ...(isObject(sidecarInjectorWebhook) && { sidecarInjectorWebhook }),
      ...(isObject(telemetry) && { telemetry }),
    },
  };
  const file = { apiVersion: 'install.istio.io/v1alpha1', kind: 'IstioOperator', spec };
  // Helm hands on values that no chart reads.
  return resolveOperator({ files: [file], isForced: true });
}

function tagObjects(operator: Operator, values: JsonObject): readonly Rendered[] {
  return listAt(values, 'revisionTags').flatMap((entry): readonly Rendered[] => {
    const tag = textAt(entry);
    const labels = { ...installLabels(operator, 'Pilot', 'istiod'), 'istio.io/tag': tag };
    const name = `istio-revision-tag-${tag}`;
    return [
      {
        source: 'templates/revision-tags-mwc.yaml',
        object: injectionWebhooks(operator, { name, tag, isDefault: tag === 'default', labels }),
      },
      { source: 'templates/revision-tags-svc.yaml', object: tagService(operator, tag) },
    ];
  });
}

const SOURCES: Readonly<Record<string, string>> = {
  HorizontalPodAutoscaler: 'autoscale',
  MutatingWebhookConfiguration: 'mutatingwebhook',
  ValidatingWebhookConfiguration: 'validatingwebhookconfiguration',
};
