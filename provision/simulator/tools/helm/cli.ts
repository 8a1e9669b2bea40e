import type { NewObject } from '../../client/client.ts';
import { CommandError, type Command, type Flag, type FlagValues } from '../istioctl/cli/command.ts';
import type { Context } from '../istioctl/cli/context.ts';
import { parseArguments, takesNextWord } from '../istioctl/cli/flags.ts';
import { helpText } from '../istioctl/cli/help.ts';
import type { KubeApi } from '../istioctl/kube/api.ts';
import { ReleaseStorage } from './releases/storage.ts';
import type { RepositoryFile } from './repositories.ts';

/** The world around helm; tests give their own. */
export interface HelmWorld {
  readonly context: Context;
  readonly repositories: RepositoryFile;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What was typed after a command of helm. */
export interface HelmCall extends HelmWorld {
  readonly args: readonly string[];
  readonly flags: FlagValues;
}

/** One command of helm, or a group of them. */
export interface HelmCommand extends Omit<Command, 'run' | 'commands'> {
  readonly commands?: readonly HelmCommand[];
  /** Words before the message when it ends in an error: `INSTALLATION FAILED: `. */
  readonly failure?: string;
  readonly run?: (call: HelmCall) => Promise<void>;
}

const GLOBAL_FLAGS: readonly Flag[] = [
  { name: 'debug', type: 'boolean', usage: 'enable verbose output' },
  { name: 'kube-context', type: 'text', usage: 'name of the kubeconfig context to use' },
  { name: 'kubeconfig', type: 'text', usage: 'path to the kubeconfig file' },
  { name: 'namespace', short: 'n', type: 'text', usage: 'namespace scope for this request' },
];

/** Runs what was typed after `helm` and gives the exit status; errors are told on standard error in helm's words. */
export async function runHelm(
  root: HelmCommand,
  typed: readonly string[],
  world: HelmWorld,
): Promise<number> {
  const { terminal } = world.context;
  const words = typed[0] === 'help' ? [...typed.slice(1), '--help'] : typed;
  const { path, rest } = find(root, words);
  const command = path.at(-1) ?? root;
  try {
    if (!command.run || rest.includes('--help') || rest.includes('-h')) {
      refuseUnknown(path, rest);
      terminal.stdout(
        helpText({ command: shown(command), parents: path.slice(0, -1).map(shown) }, GLOBAL_FLAGS),
      );
      return 0;
    }
    const parsed = parseArguments(rest, [...(command.flags ?? []), ...GLOBAL_FLAGS]);
    await command.run({ ...world, ...parsed });
    return 0;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const failure = error instanceof WrongCall ? '' : (command.failure ?? '');
    terminal.stderr(`Error: ${failure}${error.message}\n`);
    return 1;
  }
}

/** A wrong number of arguments: told as it is, whatever the command was about to do. */
class WrongCall extends CommandError {}

/**
 * The arguments, if there are as many as the command takes.
 * @throws WrongCall in helm's words
 */
export function exactArguments(
  { args }: HelmCall,
  name: string,
  [least, most]: readonly [number, number],
): readonly string[] {
  if (args.length >= least && args.length <= most) return args;
  const wants =
    least === most
      ? `requires ${least} argument${least === 1 ? '' : 's'}`
      : `requires at least ${least} argument${least === 1 ? '' : 's'}`;
  throw new WrongCall(`"helm ${name}" ${wants}\n\nUsage:  helm ${name} --help`);
}

/** Connects to the cluster that the flags name. */
export async function connect({ context, flags }: HelmCall): Promise<KubeApi> {
  try {
    return await context.connect({
      kubeconfig: flags.text('kubeconfig'),
      context: flags.text('kube-context'),
    });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(`Kubernetes cluster unreachable: ${error.message}`, 1, { cause: error });
  }
}

/** The namespace that a command is about: `-n`, HELM_NAMESPACE, else the context's. */
export function namespaceOf(
  { flags, env }: HelmCall,
  { namespace }: Pick<KubeApi, 'namespace'>,
): string {
  return flags.text('namespace') || env['HELM_NAMESPACE'] || namespace;
}

/** The releases of a cluster. */
export function storageOf({ context }: HelmCall, api: KubeApi): ReleaseStorage {
  return new ReleaseStorage(api, () => context.now());
}

/** Istio's definitions, which only the chart `base` needs. */
export function crdsFor({ context }: HelmCall, chart: string): Promise<readonly NewObject[]> {
  return chart === 'base' ? context.crds() : Promise.resolve([]);
}

/** Follows the words that name commands; what is left are flags and arguments. */
function find(root: HelmCommand, typed: readonly string[]) {
  const path = [root];
  let rest = [...typed];
  for (;;) {
    const flags = [...(path.at(-1)?.flags ?? []), ...GLOBAL_FLAGS];
    let place = 0;
    while (rest[place]?.startsWith('-')) place += takesNextWord(rest[place] ?? '', flags) ? 2 : 1;
    const next = path
      .at(-1)
      ?.commands?.find(
        ({ name, aliases = [] }) => name === rest[place] || aliases.includes(rest[place] ?? ''),
      );
    if (!next) return { path, rest };
    path.push(next);
    rest = rest.toSpliced(place, 1);
  }
}

function refuseUnknown(path: readonly HelmCommand[], rest: readonly string[]): void {
  const [word] = rest;
  if (path.at(-1)?.run || word === undefined || word.startsWith('-')) return;
  const name = path.map((command) => command.name).join(' ');
  throw new WrongCall(`unknown command "${word}" for "${name}"\nRun '${name} --help' for usage.`);
}

/** As help and completion take it: only whether there is something to run matters. */
export function shown({ run, commands, failure: _failure, ...rest }: HelmCommand): Command {
  return {
    ...rest,
    ...(commands && { commands: commands.map(shown) }),
    ...(run && { run: async () => 0 }),
  };
}
