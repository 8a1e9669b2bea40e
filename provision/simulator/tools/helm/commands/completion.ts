import { CommandError } from '../../istioctl/cli/command.ts';
import { completionsFor } from '../../istioctl/commands/completion.ts';
import { shown, type HelmCommand } from '../cli.ts';

export const completionCommand: HelmCommand = {
  name: 'completion',
  short: 'generate autocompletion scripts for the specified shell',
  commands: [
    {
      name: 'bash',
      short: 'generate autocompletion script for bash',
      long: 'Generates the completion script for bash. To load it in this shell:\n\n  source <(helm completion bash)',
      run: async ({ context }) => context.terminal.stdout(BASH_SCRIPT),
    },
    ...['fish', 'powershell', 'zsh'].map((shell): HelmCommand => ({
      name: shell,
      short: `generate autocompletion script for ${shell}; not simulated`,
      run: async () => {
        throw new CommandError(`completion for ${shell} is not simulated: use bash`);
      },
    })),
  ],
};

/** Answers the completion script: what may follow the words typed so far, one a line. */
export function completeCommand(root: () => HelmCommand): HelmCommand {
  return {
    name: '__complete',
    short: 'possible next words',
    isHidden: true,
    run: async ({ args, context }) => {
      const candidates = completionsFor(shown(root()), args);
      context.terminal.stdout(candidates.map((word) => `${word}\n`).join(''));
    },
  };
}

const BASH_SCRIPT = `# Completion of helm for bash.
_helm() {
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  local IFS=$'\\n'
  COMPREPLY=($(helm __complete -- "\${words[@]}" 2>/dev/null))
}
complete -o default -F _helm helm
`;
