import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { parseTranscript, type Transcript } from './transcript.ts';

const FOLDER = fileURLToPath(new URL('transcripts', import.meta.url));

/** All transcripts, by name. */
export function readTranscripts(): readonly Transcript[] {
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.txt'))
    .toSorted()
    .map((file) =>
      parseTranscript(file.slice(0, -'.txt'.length), readFileSync(join(FOLDER, file), 'utf8')),
    );
}
