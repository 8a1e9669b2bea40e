import type { Command } from 'just-bash';

/** Commands of the engine that do something else than those of the images, put right. */
export const ADJUSTED_COMMANDS: readonly Command[] = [
  environment('env'),
  environment('printenv'),
  { name: 'tar', execute: tar },
];

/** Lists what is exported; the engine's own commands list all variables. */
function environment(name: string): Command {
  return {
    name,
    async execute(args, context) {
      if (args.length > 0 && context.origCommand) return context.origCommand(args);
      const exported = Object.entries(context.exportedEnv ?? {});
      const lines = exported.map(([key, value]) => `${key}=${value}\n`);
      return { stdout: lines.join(''), stderr: '', exitCode: 0 };
    },
  };
}

/** Archives without the leading slash of absolute names; `kubectl cp` takes others for an attack. */
async function tar(...[args, context]: Parameters<Command['execute']>) {
  const run = context.origCommand;
  if (!run) return { stdout: '', stderr: 'tar: not available\n', exitCode: 1 };
  const isCreating = /^-?[a-z]*c/.test(args[0] ?? '');
  const first = args.findIndex(
    (arg, index) => index > 0 && arg.startsWith('/') && args[index - 1] !== '-C',
  );
  if (!isCreating || first < 0 || args.includes('-C')) return run([...args]);
  const names = args.slice(first).map((name) => name.replace(/^\/+/, ''));
  const result = await run([...args.slice(0, first), '-C', '/', ...names]);
  return { ...result, stderr: `tar: removing leading '/' from member names\n${result.stderr}` };
}
