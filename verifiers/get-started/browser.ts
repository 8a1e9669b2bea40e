import { failed, passed } from '../kit/result.ts';
import { requestSamples, sumWhere } from '../kit/telemetry.ts';
import { readTexts } from '../kit/texts.ts';
import type { ClusterReader, Verifier } from '../verifier.ts';
import { gatewayRequests } from './gateway-requests.ts';

const VERSIONS = ['v1', 'v2', 'v3'] as const;
/** Enough for each of three versions to have had its turn, and more than the steps before have sent. */
const REQUESTS = 6;

/** Step 8: the page was loaded several times from outside, and every version of reviews has had its turn. */
export const browser: Verifier = {
  id: 'get-started/browser',
  checks: ['loads', 'versions'],
  watches: [{ apiVersion: 'v1', plural: 'pods' }],
  pollMs: 1_500,
  texts: readTexts(new URL('browser.texts.json', import.meta.url)),
  async run(reader) {
    const { answered } = await gatewayRequests(reader);
    const counts = await Promise.all(VERSIONS.map(async (version) => answersOf(reader, version)));
    const silent = VERSIONS.filter((_, index) => counts[index] === 0);
    return [
      answered >= REQUESTS
        ? passed('loads')
        : failed('loads', 'too-few', { count: answered, wanted: REQUESTS }),
      silent.length === 0
        ? passed('versions')
        : failed('versions', 'silent', { versions: silent.join(', ') }),
    ];
  },
};

async function answersOf(reader: ClusterReader, version: string): Promise<number> {
  const pods = await reader.list('v1', 'Pod', {
    namespace: 'default',
    labelSelector: `app=reviews,version=${version}`,
  });
  const samples = await requestSamples(reader, pods);
  return sumWhere(samples, { reporter: 'destination', response_code: '200' });
}
