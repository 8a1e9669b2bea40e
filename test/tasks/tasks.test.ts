import { after, describe, test } from 'node:test';

import { assertSame } from '../contract/assert-same.ts';
import { readTranscripts } from '../contract/transcripts.ts';
import { TaskPlayer } from './task-player.ts';

/** As many learners at a time: some of them always wait for their cluster. */
const CONCURRENCY = 4;

describe("Tasks of Istio's documentation", { concurrency: CONCURRENCY }, () => {
  const player = TaskPlayer.open();
  after(async () => (await player)[Symbol.asyncDispose]());
  for (const transcript of readTranscripts(new URL('transcripts/', import.meta.url))) {
    test(`${transcript.name} does as ${transcript.title} says`, async () => {
      assertSame(await (await player).play(transcript));
    });
  }
});
