import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { type Kubectl, findKubectls } from '../../server/sandbox/find-kubectl.ts';
import { assertSame } from './assert-same.ts';
import { playTranscript } from './play.ts';
import { SimulatedClusters } from './simulated-clusters.ts';
import type { Transcript } from './transcript.ts';
import { readTranscripts } from './transcripts.ts';

const TRANSCRIPTS = new URL('transcripts/', import.meta.url);
/** As many clients at a time: they take most of the time, and some of them wait for the cluster. */
const CONCURRENCY = 6;

const clients = findKubectls();
const transcripts = readTranscripts(TRANSCRIPTS);

test('There is a kubectl of 1.27 or newer to play the transcripts with', () => {
  assert.notEqual(clients.length, 0);
});

/**
 * The oldest and the newest client play everything. Those between play every third transcript, each its own third, which is some
 * hundred commands each: all of it by all of them takes ten minutes (`npm run contract -- --kubectl all`).
 */
const SHARES = 3;

for (const [index, kubectl] of clients.entries()) {
  const isOuter = index === 0 || index === clients.length - 1;
  const share = transcripts.filter((_, at) => isOuter || at % SHARES === index % SHARES);
  playAll(kubectl, share);
}

function playAll(kubectl: Kubectl, share: readonly Transcript[]): void {
  describe(`kubectl ${kubectl.version}`, { concurrency: CONCURRENCY }, () => {
    const clusters = new SimulatedClusters();
    after(() => clusters[Symbol.asyncDispose]());
    // What waits long starts first, so that nothing is left at the end that waits alone.
    for (const transcript of share.toSorted((one, other) => repeats(other) - repeats(one))) {
      test(`${transcript.name}: ${transcript.title}`, async () => {
        const kubeconfig = await clusters.kubeconfig(transcript.needs);
        const target = { kubeconfig, kubectl, isKept: false };
        assertSame(await playTranscript(transcript, target));
      });
    }
  });
}

function repeats({ steps }: Transcript): number {
  return steps.filter(({ isRepeated }) => isRepeated).length;
}
