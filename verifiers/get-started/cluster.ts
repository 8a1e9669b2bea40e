import { listAt, textAt } from '../kit/fields.ts';
import { isReady, podState } from '../kit/pods.ts';
import { failed, passed } from '../kit/result.ts';
import { readTexts } from '../kit/texts.ts';
import type { CheckResult, ClusterReader, Verifier } from '../verifier.ts';

/** Step 1: a pod of the learner's own runs, and a Service leads to it. */
export const cluster: Verifier = {
  id: 'get-started/cluster',
  checks: ['pod', 'service'],
  watches: [
    { apiVersion: 'v1', plural: 'pods' },
    { apiVersion: 'v1', plural: 'services' },
    { apiVersion: 'discovery.k8s.io/v1', plural: 'endpointslices' },
  ],
  texts: readTexts(new URL('cluster.texts.json', import.meta.url)),
  run: async (reader) => [await checkPod(reader), await checkService(reader)],
};

async function checkPod(reader: ClusterReader): Promise<CheckResult> {
  const pod = await reader.get('v1', 'Pod', 'hello', 'default');
  if (!pod) return failed('pod', 'no-pod');
  return isReady(pod) ? passed('pod') : failed('pod', 'pod-not-ready', { state: podState(pod) });
}

async function checkService(reader: ClusterReader): Promise<CheckResult> {
  const service = await reader.get('v1', 'Service', 'hello', 'default');
  if (!service) return failed('service', 'no-service');
  const slices = await reader.list('discovery.k8s.io/v1', 'EndpointSlice', {
    namespace: 'default',
    labelSelector: 'kubernetes.io/service-name=hello',
  });
  const endpoints = slices.flatMap((slice) => listAt(slice, 'endpoints'));
  if (endpoints.length > 0) return passed('service');
  return failed('service', 'no-endpoint', { ip: textAt(service, 'spec', 'clusterIP') ?? '-' });
}
