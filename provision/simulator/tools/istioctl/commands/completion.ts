import { CommandError, EXIT, type Command, type Invocation } from '../cli/command.ts';
import { findCommand, flagsOf } from '../cli/run.ts';

export const completionCommand: Command = {
  name: 'completion',
  short: 'Print the completion script for a shell',
  commands: [
    {
      name: 'bash',
      short: 'Completion for bash',
      long: 'Prints the completion script for bash. To load it in this shell:\n\n  source <(istioctl completion bash)',
      run: async ({ context }) => {
        context.terminal.stdout(BASH_SCRIPT);
        return EXIT.done;
      },
    },
    ...['zsh', 'fish', 'powershell'].map((shell): Command => ({
      name: shell,
      short: `Completion for ${shell}; not simulated`,
      run: async () => {
        throw new CommandError(`completion for ${shell} is not simulated: use bash`);
      },
    })),
  ],
};

/** Answers the completion script: what may follow the words typed so far, one a line. */
export function completeCommand(root: () => Command): Command {
  return {
    name: '__complete',
    short: 'Possible next words',
    isHidden: true,
    takesAnything: true,
    run: async ({ args, context }: Invocation) => {
      const candidates = completionsFor(root(), args[0] === '--' ? args.slice(1) : args);
      context.terminal.stdout(candidates.map((word) => `${word}\n`).join(''));
      return EXIT.done;
    },
  };
}

/** Words that may stand for the last of `words`, which is being typed. */
export function completionsFor(root: Command, words: readonly string[]): readonly string[] {
  const typed = words.at(-1) ?? '';
  const { command, hasArguments } = findCommand(root, words.slice(0, -1));
  if (typed.startsWith('-')) {
    const flags = flagsOf(command).map(({ name }) => `--${name}`);
    return [...flags, '--help'].filter((flag) => flag.startsWith(typed)).toSorted();
  }
  if (hasArguments) return [];
  return (command.commands ?? [])
    .filter(({ isHidden, name }) => !isHidden && name.startsWith(typed))
    .map(({ name }) => name)
    .toSorted();
}

const BASH_SCRIPT = `# Completion of istioctl for bash.
_istioctl() {
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  local IFS=$'\\n'
  COMPREPLY=($(istioctl __complete -- "\${words[@]}" 2>/dev/null))
}
complete -o default -F _istioctl istioctl
`;
