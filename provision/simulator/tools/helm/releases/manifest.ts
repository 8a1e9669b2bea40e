import { stringify } from 'yaml';

import type { NewObject } from '../../../client/client.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { OperatorError } from '../../install/index.ts';
import { CommandError } from '../../istioctl/cli/command.ts';
import type { Chart, ReleaseName, Rendered } from '../charts/chart.ts';
import { layOver } from '../set-values.ts';

/** Kinds in the order in which helm creates them, as far as Istio's charts hold them. */
const INSTALL_ORDER = [
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'ConfigMap',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleBinding',
  'Role',
  'RoleBinding',
  'Service',
  'DaemonSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
];

/**
 * What a chart makes of values, in helm's order.
 * @throws CommandError for values that the chart refuses
 */
export function renderChart(
  chart: Chart,
  config: JsonObject,
  { release, crds }: { readonly release: ReleaseName; readonly crds: readonly NewObject[] },
): readonly Rendered[] {
  refuseUnknown(chart, config);
  const values = layOver(chart.values, config);
  try {
    return chart
      .render(values, release, crds)
      .toSorted((one, other) => place(one.object.kind) - place(other.object.kind));
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    throw new CommandError(`execution error in ${chart.name}: ${error.message}`, 1, {
      cause: error,
    });
  }
}

/** Objects in the order in which helm takes them away: the other way round. */
export function inRemovalOrder<T extends { readonly kind: string }>(
  objects: readonly T[],
): readonly T[] {
  return objects.toSorted((one, other) => place(other.kind) - place(one.kind));
}

/** The text of a release's manifest. */
export function manifestText(chart: Chart, rendered: readonly Rendered[]): string {
  return rendered
    .map(
      ({ source, object }) =>
        `---\n# Source: ${chart.name}/${source}\n${stringify(object, OPTIONS)}`,
    )
    .join('');
}

const OPTIONS = { aliasDuplicateObjects: false, lineWidth: 0 } as const;

function place(kind: string): number {
  const found = INSTALL_ORDER.indexOf(kind);
  return found < 0 ? INSTALL_ORDER.length : found;
}

function refuseUnknown({ name, knownValues }: Chart, config: JsonObject): void {
  const unknown = Object.keys(config).filter((key) => knownValues && !knownValues.has(key));
  if (unknown.length === 0) return;
  const lines = unknown.map((key) => `- (root): Additional property ${key} is not allowed\n`);
  throw new CommandError(
    `values don't meet the specifications of the schema(s) in the following chart(s):\n${name}:\n${lines.join('')}`,
  );
}
