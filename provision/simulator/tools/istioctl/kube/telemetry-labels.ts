import type { Labels } from '../../../kinds/object.ts';

/** By which labels Istio names a service, and its revision, in telemetry; one of each is enough. */
const NEEDED = {
  name: ['service.istio.io/canonical-name', 'app.kubernetes.io/name', 'app'],
  revision: ['service.istio.io/canonical-revision', 'app.kubernetes.io/version', 'version'],
} as const;

/** What the labels of a pod leave open (Istio's page "Application Requirements"). */
export function missingTelemetryLabels(labels: Labels): readonly (keyof typeof NEEDED)[] {
  return (['name', 'revision'] as const).filter((what) =>
    NEEDED[what].every((label) => labels[label] === undefined),
  );
}
