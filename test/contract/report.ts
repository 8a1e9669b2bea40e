import type { Difference } from './play-steps.ts';
import type { Transcript } from './transcript.ts';

/** Those whose names begin as one of these; all when none is given. */
export function chosenBy(
  starts: readonly string[],
  transcripts: readonly Transcript[],
): readonly Transcript[] {
  return transcripts.filter(
    ({ name }) => starts.length === 0 || starts.some((start) => name.startsWith(start)),
  );
}

interface Playing {
  readonly play: (transcript: Transcript) => Promise<Difference | undefined>;
  /** Says of one that has been played what it is, and how long it took. */
  readonly describe: (transcript: Transcript, seconds: string) => string;
  /** What they are: `tasks`. */
  readonly plural: string;
}

/** Plays transcripts one after the other and says what differs. @returns how many differ */
export async function playAndTell(
  transcripts: readonly Transcript[],
  { play, describe, plural }: Playing,
): Promise<number> {
  let differing = 0;
  for (const transcript of transcripts) {
    const startMs = performance.now();
    const difference = await play(transcript);
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    say(`${difference ? 'differs' : 'holds  '} ${describe(transcript, seconds)}`);
    if (!difference) continue;
    differing++;
    const { line, command, actual, expected } = difference;
    say(`line ${line}: ${command}\n--- expected\n${expected}\n--- printed\n${actual}`);
  }
  say(`${transcripts.length - differing} of ${transcripts.length} ${plural} hold`);
  return differing;
}

/** A line of a report. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
