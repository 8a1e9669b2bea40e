import type { NewObject } from '../../client/client.ts';
import { baseObjects } from './base.ts';
import { gatewayObjects } from './gateway.ts';
import { istiodObjects } from './istiod.ts';
import type { ComponentName } from './names.ts';
import type { Operator } from './operator.ts';
import { textAt } from './tree.ts';

/** The objects of one component, in an order in which they can be created. */
export interface ComponentManifests {
  readonly component: ComponentName;
  readonly objects: readonly NewObject[];
}

export interface ManifestOptions {
  /** The CustomResourceDefinitions of Istio; they come from `kinds/istio`, or from the tools' library folder. */
  readonly crds: readonly NewObject[];
  /** Whether the revision tag `default` shall point to this revision. Default true. */
  readonly holdsDefaultTag?: boolean;
}

/** What `istioctl install` puts into a cluster, component by component: CRDs, istiod, then the gateways that wait for it. */
export function manifestsFor(
  operator: Operator,
  { crds, holdsDefaultTag = true }: ManifestOptions,
): readonly ComponentManifests[] {
  const all: readonly ComponentManifests[] = [
    { component: 'Base', objects: isOn(operator, 'base') ? baseObjects(operator, crds) : [] },
    {
      component: 'Pilot',
      objects: isOn(operator, 'pilot') ? istiodObjects(operator, holdsDefaultTag) : [],
    },
    { component: 'IngressGateways', objects: gatewayObjects(operator, 'IngressGateways') },
    { component: 'EgressGateways', objects: gatewayObjects(operator, 'EgressGateways') },
  ];
  return all.filter(({ objects }) => objects.length > 0);
}

/** The namespace itself, which Istio makes before everything else and leaves behind when it is uninstalled. */
export function istioNamespace({ namespace }: Operator): NewObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
}

function isOn({ spec }: Operator, component: 'base' | 'pilot'): boolean {
  return textAt(spec, 'components', component, 'enabled') !== 'false';
}
