import type { Labels } from '../../kinds/object.ts';
import { labelNameProblems } from '../../kinds/validation/fields/names.ts';
import { ISTIO_VERSION } from '../../versions.ts';
import type { Operator } from './operator.ts';

/** The installable parts, as the label `operator.istio.io/component` names them. */
export type ComponentName = 'Base' | 'Pilot' | 'IngressGateways' | 'EgressGateways';

/** Whether a text can be a revision: part of a name, as RFC 1123 has it. */
export function isLabel(text: string): boolean {
  return labelNameProblems(text).length === 0;
}

/** `istiod`, or `istiod-<revision>`. */
export function revised(name: string, { revision }: Pick<Operator, 'revision'>): string {
  return revision === '' ? name : `${name}-${revision}`;
}

/** Cluster-wide names end in the namespace: `istiod-clusterrole-istio-system`. */
export function clusterWide(name: string, operator: Operator): string {
  return `${revised(name, operator)}-${operator.namespace}`;
}

/** The revision as labels show it: `default` for the one without a name. */
export function revisionLabel({ revision }: Pick<Operator, 'revision'>): string {
  return revision === '' ? 'default' : revision;
}

/** Labels on every object of an installation; `chart` is the Helm chart the object stands in. */
export function installLabels(operator: Operator, component: ComponentName, chart: string): Labels {
  return {
    'app.kubernetes.io/instance': 'istio',
    'app.kubernetes.io/managed-by': 'Helm',
    'app.kubernetes.io/name': chart,
    'app.kubernetes.io/part-of': 'istio',
    'app.kubernetes.io/version': ISTIO_VERSION,
    'helm.sh/chart': `${chart}-${ISTIO_VERSION}`,
    'install.operator.istio.io/owning-resource': operator.name,
    'install.operator.istio.io/owning-resource-namespace': operator.namespace,
    'istio.io/rev': revisionLabel(operator),
    'operator.istio.io/component': component,
    'operator.istio.io/managed': 'Reconcile',
    'operator.istio.io/version': ISTIO_VERSION,
    release: 'istio',
  };
}

/** Those of them that pods carry too. */
export function podLabels(operator: Operator, component: ComponentName, chart: string): Labels {
  const kept = Object.entries(installLabels(operator, component, chart)).filter(
    ([name]) => !NOT_ON_PODS.has(name),
  );
  return Object.fromEntries(kept);
}

const NOT_ON_PODS: ReadonlySet<string> = new Set([
  'install.operator.istio.io/owning-resource-namespace',
  'operator.istio.io/managed',
  'operator.istio.io/version',
  'release',
]);
