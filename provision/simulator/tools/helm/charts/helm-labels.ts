import type { NewObject } from '../../../client/client.ts';
import { isObject, objectAt, stringMapAt } from '../../../kinds/json.ts';
import type { JsonObject, Labels } from '../../../kinds/object.ts';
import type { ReleaseName } from './chart.ts';

/** Labels that istioctl adds to what Istio's charts say. */
const OF_ISTIOCTL: ReadonlySet<string> = new Set([
  'install.operator.istio.io/owning-resource',
  'install.operator.istio.io/owning-resource-namespace',
  'operator.istio.io/managed',
  'operator.istio.io/version',
]);

/** An object of an installation as the chart alone makes it: without istioctl's labels, named after the release. */
export function asOfChart(object: NewObject, { name }: ReleaseName): NewObject {
  const labels = chartLabels(object.metadata.labels ?? {}, name);
  const template = objectAt(object['spec'], 'template');
  const changed: NewObject = { ...object, metadata: { ...object.metadata, labels } };
  if (!isObject(template['metadata'])) return changed;
  const podLabels = chartLabels(stringMapAt(template, 'metadata', 'labels'), name);
  const metadata: JsonObject = { ...objectAt(template, 'metadata'), labels: podLabels };
  const spec: JsonObject = {
    ...objectAt(object['spec']),
    template: { ...template, metadata },
  };
  return { ...changed, spec };
}

function chartLabels(labels: Labels, release: string): Labels {
  const kept = Object.entries(labels).filter(([name]) => !OF_ISTIOCTL.has(name));
  return {
    ...Object.fromEntries(kept),
    'app.kubernetes.io/instance': release,
    ...(labels['release'] !== undefined && { release }),
  };
}
