import { countAt } from '../kit/fields.ts';
import { failed, passed } from '../kit/result.ts';
import { readTexts } from '../kit/texts.ts';
import type { CheckResult, ClusterReader, Verifier } from '../verifier.ts';

const GATEWAYS = ['istio-ingressgateway', 'istio-egressgateway'] as const;
/** Kinds that every later lab uses; the installation brings more. */
const CRDS = [
  'virtualservices.networking.istio.io',
  'destinationrules.networking.istio.io',
  'gateways.networking.istio.io',
] as const;

/** Step 3: Istio is installed with its demo profile and answers. */
export const install: Verifier = {
  id: 'get-started/install',
  checks: ['kinds', 'istiod', 'gateways', 'injector'],
  watches: [
    { apiVersion: 'apps/v1', plural: 'deployments' },
    { apiVersion: 'apiextensions.k8s.io/v1', plural: 'customresourcedefinitions' },
    { apiVersion: 'admissionregistration.k8s.io/v1', plural: 'mutatingwebhookconfigurations' },
  ],
  texts: readTexts(new URL('install.texts.json', import.meta.url)),
  run: async (reader) => [
    await checkKinds(reader),
    await checkDeployments(reader, 'istiod', ['istiod']),
    await checkDeployments(reader, 'gateways', GATEWAYS),
    await checkInjector(reader),
  ],
};

async function checkKinds(reader: ClusterReader): Promise<CheckResult> {
  const version = 'apiextensions.k8s.io/v1';
  const found = await Promise.all(
    CRDS.map(async (name) => reader.get(version, 'CustomResourceDefinition', name)),
  );
  const missing = CRDS.find((_, index) => !found[index]);
  return missing === undefined ? passed('kinds') : failed('kinds', 'no-kind', { name: missing });
}

async function checkDeployments(
  reader: ClusterReader,
  check: string,
  names: readonly string[],
): Promise<CheckResult> {
  for (const name of names) {
    // One after the other: the first that is missing is the one to name.
    const deployment = await reader.get('apps/v1', 'Deployment', name, 'istio-system');
    if (!deployment) return failed(check, 'no-deployment', { name });
    if (countAt(deployment, 'status', 'availableReplicas') < 1) {
      return failed(check, 'not-available', { name });
    }
  }
  return passed(check);
}

async function checkInjector(reader: ClusterReader): Promise<CheckResult> {
  const webhooks = await reader.list(
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
  );
  const isThere = webhooks.some(({ metadata }) => metadata.name.startsWith('istio-'));
  return isThere ? passed('injector') : failed('injector', 'no-webhook');
}
