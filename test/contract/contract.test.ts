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
 * The newest client plays everything, and the others share it out among them, so that each transcript is played by two. All of
 * it by all of them takes ten minutes and more (`npm run contract -- --kubectl all`).
 */
const newest = clients.at(-1);
const others = clients.slice(0, -1);
if (newest) playAll(newest, transcripts);
for (const [index, kubectl] of others.entries()) {
  playAll(
    kubectl,
    transcripts.filter((_, at) => at % others.length === index),
  );
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
