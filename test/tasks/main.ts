/** Tasks of Istio's documentation by hand: those whose names begin as given. */
import { chosenBy, playAndTell, say } from '../contract/report.ts';
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
  const chosen = chosenBy(words, readTranscripts(new URL('transcripts/', import.meta.url)));
  if (chosen.length === 0) {
    process.stderr.write(`Cannot play tasks: no name begins with ${words.join(', ')}\n`);
    return 2;
  }
  await using player = await TaskPlayer.open();
  const differing = await playAndTell(chosen, {
    play: (transcript) => player.play(transcript),
    describe: ({ name }, seconds) => `${name} (${seconds} s)`,
    plural: 'tasks',
  });
  return differing === 0 ? 0 : 1;
}
