import type { NewObject } from '../../../client/client.ts';
import { CommandError } from '../cli/command.ts';
import type { Context, KubectlResult } from '../cli/context.ts';
import { runCommand } from '../cli/run.ts';
import { rootCommand } from '../commands/root.ts';
import type { KubeApi } from '../kube/api.ts';

/** What one run of istioctl left behind. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Files that were written, when there were any. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface World {
  /** Left out: there is no cluster. */
  readonly api?: KubeApi;
  readonly files?: Readonly<Record<string, string>>;
  /** Lines typed by the user. */
  readonly typed?: readonly string[];
  readonly crds?: readonly NewObject[];
  readonly isInteractive?: boolean;
  /** Local ports that somebody listens on already. */
  readonly takenPorts?: readonly number[];
  /** Answers kubectl; left out: what it was asked for. */
  readonly kubectl?: (args: readonly string[]) => KubectlResult;
}

/** Runs istioctl in the process, with everything around it faked. */
export async function runIstioctl(args: readonly string[], world: World = {}): Promise<Ran> {
  const files: Record<string, string> = {};
  const written = { stdout: '', stderr: '' };
  const typed = [...(world.typed ?? [])];
  const context: Context = {
    terminal: {
      stdout: (text) => (written.stdout += text),
      stderr: (text) => (written.stderr += text),
      readLine: async () => typed.shift(),
      isInteractive: world.isInteractive ?? false,
      columns: 0,
    },
    now: () => Date.UTC(2026, 0, 1),
    async connect() {
      if (world.api) return world.api;
      throw new CommandError('there is no cluster');
    },
    async readText(file) {
      const text = world.files?.[file];
      if (text === undefined) throw new CommandError(`open ${file}: no such file or directory`);
      return text;
    },
    async writeText(file, text) {
      files[file] = text;
    },
    newFolder: async (prefix) => `/tmp/${prefix}1`,
    freePort: async (_address, preferred) =>
      world.takenPorts?.includes(preferred) ? 40_000 : preferred,
    async filesUnder(path) {
      const names = Object.keys(world.files ?? {});
      const inside = names.filter((name) => name.startsWith(`${path.replace(/\/$/, '')}/`));
      if (inside.length > 0) return inside.toSorted();
      if (names.includes(path)) return [path];
      throw new CommandError(`stat ${path}: no such file or directory`);
    },
    crds: async () => world.crds ?? [],
    kubectl: async (_target, asked) =>
      world.kubectl?.(asked) ?? { status: 0, stdout: asked.join(' '), stderr: '' },
    kubectlInForeground: async (_target, asked) => {
      written.stdout += `kubectl ${asked.join(' ')}\n`;
      return 0;
    },
  };
  const status = await runCommand(rootCommand, args, context);
  return { status, ...written, ...(Object.keys(files).length > 0 && { files }) };
}
