import { hasSidecar, isReady, podState } from '../kit/pods.ts';
import { failed, passed } from '../kit/result.ts';
import { readTexts } from '../kit/texts.ts';
import type { CheckResult, ClusterReader, ReadObject, Verifier } from '../verifier.ts';

const SERVICES = ['details', 'ratings', 'reviews', 'productpage'] as const;
/** App and version of each workload of the sample. */
const WORKLOADS = [
  ['details', 'v1'],
  ['ratings', 'v1'],
  ['reviews', 'v1'],
  ['reviews', 'v2'],
  ['reviews', 'v3'],
  ['productpage', 'v1'],
] as const;

/** Step 5: Bookinfo runs, each pod with its sidecar. */
export const bookinfo: Verifier = {
  id: 'get-started/bookinfo',
  checks: ['services', 'pods', 'sidecars'],
  watches: [
    { apiVersion: 'v1', plural: 'services' },
    { apiVersion: 'v1', plural: 'pods' },
  ],
  texts: readTexts(new URL('bookinfo.texts.json', import.meta.url)),
  async run(reader) {
    const pods = await Promise.all(
      WORKLOADS.map(async ([app, version]) => podOf(reader, app, version)),
    );
    return [await checkServices(reader), checkPods(pods), checkSidecars(pods)];
  },
};

async function podOf(
  reader: ClusterReader,
  app: string,
  version: string,
): Promise<ReadObject | undefined> {
  const pods = await reader.list('v1', 'Pod', {
    namespace: 'default',
    labelSelector: `app=${app},version=${version}`,
  });
  return pods.find(isReady) ?? pods[0];
}

async function checkServices(reader: ClusterReader): Promise<CheckResult> {
  const found = await Promise.all(
    SERVICES.map(async (name) => reader.get('v1', 'Service', name, 'default')),
  );
  const missing = SERVICES.filter((_, index) => !found[index]);
  return missing.length === 0
    ? passed('services')
    : failed('services', 'no-services', { names: missing.join(', ') });
}

function checkPods(pods: readonly (ReadObject | undefined)[]): CheckResult {
  const missing = WORKLOADS.find((_, index) => !pods[index]);
  if (missing) return failed('pods', 'no-pod', { name: missing.join('-') });
  const starting = pods.find((pod) => pod && !isReady(pod));
  if (!starting) return passed('pods');
  const params = { name: starting.metadata.name, state: podState(starting) };
  return failed('pods', 'pod-not-ready', params);
}

function checkSidecars(pods: readonly (ReadObject | undefined)[]): CheckResult {
  if (pods.every((pod) => !pod)) return failed('sidecars', 'no-pods');
  const bare = pods.find((pod) => pod && !hasSidecar(pod));
  return bare ? failed('sidecars', 'bare', { name: bare.metadata.name }) : passed('sidecars');
}
