import { isReady } from '../kit/pods.ts';
import { failed, passed } from '../kit/result.ts';
import { requestSamples, type Sample, sumWhere } from '../kit/telemetry.ts';
import { readTexts } from '../kit/texts.ts';
import type { ClusterReader, Verifier } from '../verifier.ts';

const FROM_RATINGS = {
  reporter: 'destination',
  source_app: 'ratings',
  destination_app: 'productpage',
};

/** Step 6: the product page was asked from the ratings pod and answered; seen in the proxies' own metrics. */
export const inside: Verifier = {
  id: 'get-started/inside',
  checks: ['asked', 'answered'],
  watches: [{ apiVersion: 'v1', plural: 'pods' }],
  // Requests change nothing that the API server could tell of: the proxies must be asked.
  pollMs: 1_500,
  texts: readTexts(new URL('inside.texts.json', import.meta.url)),
  async run(reader) {
    const samples = await samplesOfProductpage(reader);
    if (!samples) return [failed('asked', 'no-productpage'), failed('answered', 'not-asked')];
    const asked = sumWhere(samples, FROM_RATINGS);
    const answered = sumWhere(samples, { ...FROM_RATINGS, response_code: '200' });
    return [
      asked > 0 ? passed('asked') : failed('asked', 'not-asked'),
      answered > 0
        ? passed('answered')
        : failed('answered', asked > 0 ? 'no-success' : 'not-asked'),
    ];
  },
};

async function samplesOfProductpage(reader: ClusterReader): Promise<readonly Sample[] | undefined> {
  const pods = await reader.list('v1', 'Pod', {
    namespace: 'default',
    labelSelector: 'app=productpage',
  });
  const ready = pods.filter(isReady);
  return ready.length === 0 ? undefined : requestSamples(reader, ready);
}
