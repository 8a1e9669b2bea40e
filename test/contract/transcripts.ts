import { readdirSync, readFileSync } from 'node:fs';

import { parseTranscript, type Transcript } from './transcript.ts';

/** All transcripts in a folder, by name. */
export function readTranscripts(folder: URL): readonly Transcript[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.txt'))
    .toSorted()
    .map((file) =>
      parseTranscript(file.slice(0, -'.txt'.length), readFileSync(new URL(file, folder), 'utf8')),
    );
}
