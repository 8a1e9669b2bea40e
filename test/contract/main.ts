/** The contract by hand: some transcripts, one client, and a real cluster if its kubeconfig is given. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { findKubectls, type Kubectl } from '../../server/sandbox/find-kubectl.ts';
import { playTranscript, type Target } from './play.ts';
import { chosenBy, playAndTell, say } from './report.ts';
import { SimulatedClusters } from './simulated-clusters.ts';
import type { Transcript } from './transcript.ts';
import { readTranscripts } from './transcripts.ts';

const TRANSCRIPTS = new URL('transcripts/', import.meta.url);
const HELP = `Usage: npm run contract -- [OPTIONS] [TRANSCRIPT…]

Plays transcripts of kubectl, all or those whose names begin as given (workloads, workloads/rollout), and says what differs.
Each has a namespace of its own, which is deleted at the end.

Options
  --kubectl VERSION   the client, such as 1.30, or all; default: the newest on this machine
  --kubeconfig FILE   an administrator's, of a real cluster that may be changed; default: a simulated one, made for this
  --with WHAT,…       what that cluster has: istio, metrics; transcripts that need more are left out
Exit status 0: all as expected; 1: something differs; 2: wrong use.
`;

process.exitCode = await main(process.argv.slice(2));

async function main(words: string[]): Promise<number> {
  const read = readWords(words);
  if (typeof read === 'string') return refuse(read);
  const { values, positionals } = read;
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const clients = clientsFor(values.kubectl);
  if (clients.length === 0) {
    return refuse(`there is no kubectl ${values.kubectl ?? '1.27 or newer'} here`);
  }
  const chosen = chosenBy(positionals, readTranscripts(TRANSCRIPTS));
  if (chosen.length === 0) return refuse(`no transcript begins with ${positionals.join(', ')}`);
  const differing =
    values.kubeconfig === undefined
      ? await playSimulated(chosen, clients)
      : await playReal(chosen, clients, {
          kubeconfig: await readFile(values.kubeconfig, 'utf8'),
          has: values.with.split(','),
        });
  return differing === 0 ? 0 : 1;
}

function readWords(words: string[]) {
  try {
    return parseArgs({
      args: words,
      allowPositionals: true,
      options: {
        help: { type: 'boolean' },
        kubectl: { type: 'string' },
        kubeconfig: { type: 'string' },
        with: { type: 'string', default: '' },
      },
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function clientsFor(version: string | undefined): readonly Kubectl[] {
  const found = findKubectls();
  if (version === undefined) return found.slice(-1);
  return version === 'all' ? found : found.filter((client) => client.version === version);
}

async function playSimulated(
  transcripts: readonly Transcript[],
  clients: readonly Kubectl[],
): Promise<number> {
  let differing = 0;
  for (const kubectl of clients) {
    say(`kubectl ${kubectl.version}`);
    await using clusters = new SimulatedClusters();
    differing += await playAll(transcripts, async ({ needs }) => {
      return { kubeconfig: await clusters.kubeconfig(needs), kubectl, isKept: false };
    });
  }
  return differing;
}

async function playReal(
  transcripts: readonly Transcript[],
  clients: readonly Kubectl[],
  { kubeconfig, has }: { readonly kubeconfig: string; readonly has: readonly string[] },
): Promise<number> {
  const playable = transcripts.filter(
    ({ needs, isSimulatedOnly }) => !isSimulatedOnly && needs.every((need) => has.includes(need)),
  );
  say(`${transcripts.length - playable.length} of ${transcripts.length} are not for this cluster`);
  let differing = 0;
  for (const kubectl of clients) {
    say(`kubectl ${kubectl.version}`);
    differing += await playAll(playable, async () => ({ kubeconfig, kubectl, isKept: true }));
  }
  return differing;
}

/** How many differ. */
function playAll(
  transcripts: readonly Transcript[],
  targetOf: (transcript: Transcript) => Promise<Target>,
): Promise<number> {
  return playAndTell(transcripts, {
    play: async (transcript) => playTranscript(transcript, await targetOf(transcript)),
    describe: ({ name, title }) => `${name}: ${title}`,
    plural: 'transcripts',
  });
}

function refuse(reason: string): number {
  process.stderr.write(`Cannot play transcripts: ${reason}\n`);
  return 2;
}
