/** Tasks of Istio's documentation by hand: those whose names begin as given. */
import { readTranscripts } from '../contract/transcripts.ts';
import { TaskPlayer } from './task-player.ts';

const HELP = `Usage: npm run tasks -- [NAME…]

Plays tasks of Istio's documentation in a learner's sandbox, all or those whose names begin as given (security,
traffic-management/fault-injection), and says what differs.
Exit status 0: all as expected; 1: something differs; 2: wrong use.
`;

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  if (words.includes('--help')) {
    say(HELP.trimEnd());
    return 0;
  }
  const chosen = readTranscripts(new URL('transcripts/', import.meta.url)).filter(
    ({ name }) => words.length === 0 || words.some((word) => name.startsWith(word)),
  );
  if (chosen.length === 0) {
    process.stderr.write(`Cannot play tasks: no name begins with ${words.join(', ')}\n`);
    return 2;
  }
  await using player = await TaskPlayer.open();
  let differing = 0;
  for (const transcript of chosen) {
    const startMs = performance.now();
    const difference = await player.play(transcript);
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    say(`${difference ? 'differs' : 'holds  '} ${transcript.name} (${seconds} s)`);
    if (!difference) continue;
    differing++;
    const { line, command, actual, expected } = difference;
    say(`line ${line}: ${command}\n--- expected\n${expected}\n--- printed\n${actual}`);
  }
  say(`${chosen.length - differing} of ${chosen.length} tasks hold`);
  return differing === 0 ? 0 : 1;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
