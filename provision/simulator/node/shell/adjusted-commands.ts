import type { Command } from 'just-bash';

/** Commands of the engine that do something else than those of the images, put right. */
export const ADJUSTED_COMMANDS: readonly Command[] = [
  environment('env'),
  environment('printenv'),
  { name: 'ls', execute: list },
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

/** Long lists with the owner that files have here, and without the slash that the engine puts behind folders. */
async function list(...[args, context]: Parameters<Command['execute']>) {
  const run = context.origCommand;
  if (!run) return { stdout: '', stderr: 'ls: not available\n', exitCode: 1 };
  const result = await run([...args]);
  const flags = args.filter((arg) => /^-[a-zA-Z0-9]+$/.test(arg)).join('');
  if (!flags.includes('l') || /[Fp]/.test(flags)) return result;
  const stdout = result.stdout.replaceAll(
    /^([-dl][-rwxsStT]{9} \d+) user user (.*?)\/?$/gm,
    '$1 root root $2',
  );
  return { ...result, stdout };
}

/** Archives without the leading slash of absolute names; `kubectl cp` takes others for an attack. */
async function tar(...[args, context]: Parameters<Command['execute']>) {
  const run = context.origCommand;
  if (!run) return { stdout: '', stderr: 'tar: not available\n', exitCode: 1 };
  const isCreating = /^-?[a-z]*c/.test(args[0] ?? '');
  const first = args.findIndex(
    (arg, index) => index > 0 && arg.startsWith('/') && args[index - 1] !== '-C',
  );
  if (!isCreating || first < 0 || args.includes('-C')) return inTarWords(await run([...args]));
  const names = args.slice(first).map((name) => name.replace(/^\/+/, ''));
  const result = await run([...args.slice(0, first), '-C', '/', ...names]);
  const { stderr, exitCode } = inTarWords(result);
  return { ...result, exitCode, stderr: `tar: removing leading '/' from member names\n${stderr}` };
}

/** What BusyBox's tar says of a file that is not there, where the engine shows its own error. */
function inTarWords<R extends { readonly stderr: string; readonly exitCode: number }>(
  result: R,
): R {
  const stderr = result.stderr.replaceAll(
    /^tar: (.*): ENOENT: .*$/gm,
    'tar: $1: No such file or directory',
  );
  if (stderr === result.stderr) return result;
  return {
    ...result,
    stderr: `${stderr}tar: error exit delayed from previous errors\n`,
    exitCode: 1,
  };
}
