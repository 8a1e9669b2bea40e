import { objectAt } from '../../../../../kinds/json.ts';
import { matchesLabels } from '../../../../../kinds/selectors/labels.ts';
import { textsAt } from '../../../../install/tree.ts';
import type { Message } from '../message.ts';
import type { World } from '../world.ts';

const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';

/** IST0166: selectors that pick out pods of a Kubernetes Gateway, which only targetRefs reach. */
export function ineffectiveSelectors(world: World): readonly Message[] {
  const pods = world.all('Pod').filter(({ labels }) => labels[GATEWAY_NAME] !== undefined);
  const kinds = [
    'AuthorizationPolicy',
    'RequestAuthentication',
    'Telemetry',
    'WasmPlugin',
  ] as const;
  return kinds.flatMap((kind) =>
    world.all(kind).flatMap((about) => {
      const spec = objectAt(about.object, 'spec');
      if (spec['targetRef'] !== undefined || spec['selector'] === undefined) return [];
      const labels = textsAt(spec, 'selector', 'matchLabels');
      return pods
        .filter((pod) => pod.namespace === about.namespace && matchesLabels(labels, pod.labels))
        .map((pod) => ({
          code: 'IST0166',
          about,
          text: `Ineffective selector on Kubernetes Gateway ${pod.labels[GATEWAY_NAME]}. Use the TargetRef field instead.`,
        }));
    }),
  );
}

/** What istiod needs, below which it ignores a kind. */
const MINIMUM: Readonly<Record<string, string>> = {
  'backendtlspolicies.gateway.networking.k8s.io': '1.4.0',
  'grpcroutes.gateway.networking.k8s.io': '1.1.0',
  'tlsroutes.gateway.networking.k8s.io': '1.5.0',
};

/** IST0176: definitions of Gateway API too old for istiod. */
export function oldDefinitions(world: World): readonly Message[] {
  return world.all('CustomResourceDefinition').flatMap((about) => {
    const minimum = MINIMUM[about.name];
    const bundle = about.annotations['gateway.networking.k8s.io/bundle-version'] ?? '';
    const [, installed] = /^v?(\d+\.\d+\.\d+(?:-\S+)?)$/.exec(bundle) ?? [];
    if (minimum === undefined || installed === undefined) return [];
    if (rank(installed) >= rank(minimum)) return [];
    const text = `Gateway API CRD ${JSON.stringify(about.name)} is at version ${JSON.stringify(installed)} but Istio requires at least ${JSON.stringify(minimum)}; resources of this kind will not be processed. Upgrade the Gateway API CRDs to satisfy the minimum version.`;
    return [{ code: 'IST0176', about, text }];
  });
}

/** A version as a number that grows with it; what follows a hyphen does not count. */
function rank(version: string): number {
  const [major = 0, minor = 0, patch = 0] = (version.split('-')[0] ?? '').split('.').map(Number);
  return (major * 1000 + minor) * 1000 + patch;
}
