import { hasSidecar, isReady, podState } from '../kit/pods.ts';
import { failed, passed } from '../kit/result.ts';
import { readTexts } from '../kit/texts.ts';
import type { CheckResult, ClusterReader, Verifier } from '../verifier.ts';

/** Step 4: the namespace is labelled, and a pod made since has its sidecar. */
export const injection: Verifier = {
  id: 'get-started/injection',
  checks: ['label', 'sidecar'],
  watches: [
    { apiVersion: 'v1', plural: 'namespaces' },
    { apiVersion: 'v1', plural: 'pods' },
  ],
  texts: readTexts(new URL('injection.texts.json', import.meta.url)),
  run: async (reader) => [await checkLabel(reader), await checkSidecar(reader)],
};

async function checkLabel(reader: ClusterReader): Promise<CheckResult> {
  const namespace = await reader.get('v1', 'Namespace', 'default');
  const labels = namespace?.metadata.labels ?? {};
  const value = labels['istio-injection'];
  if (value === 'enabled') return passed('label');
  return value === undefined
    ? failed('label', 'no-label')
    : failed('label', 'other-label', { value });
}

async function checkSidecar(reader: ClusterReader): Promise<CheckResult> {
  const pod = await reader.get('v1', 'Pod', 'hello', 'default');
  if (!pod) return failed('sidecar', 'no-pod');
  if (!hasSidecar(pod)) return failed('sidecar', 'old-pod', { state: podState(pod) });
  return isReady(pod)
    ? passed('sidecar')
    : failed('sidecar', 'not-ready', { state: podState(pod) });
}
