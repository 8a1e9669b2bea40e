import { CommandError } from '../../istioctl/cli/command.ts';
import type { FakeApi } from '../../istioctl/testing/fake-api.ts';
import type { Ran } from '../../istioctl/testing/run-istioctl.ts';
import { runHelm } from '../cli.ts';
import { helmRoot } from '../commands/root.ts';

/** A machine with helm on it: what is written stays for the next run. */
export interface Machine {
  readonly api: FakeApi;
  readonly files?: Readonly<Record<string, string>>;
  /** `repositories.yaml`. */
  repositories?: string;
}

/** Runs helm in the process, with everything around it faked; it is always the first of January 2026. */
export async function run(machine: Machine, line: string): Promise<Ran> {
  const written = { stdout: '', stderr: '' };
  const status = await runHelm(helmRoot, line.split(' ').slice(1), {
    env: { HOME: '/home/you' },
    repositories: {
      read: () => machine.repositories,
      write: (text) => (machine.repositories = text),
    },
    context: {
      terminal: {
        stdout: (text) => (written.stdout += text),
        stderr: (text) => (written.stderr += text),
        readLine: async () => undefined,
        isInteractive: false,
        columns: 0,
      },
      now: () => Date.UTC(2026, 0, 1),
      connect: async () => machine.api,
      async readText(file) {
        const text = machine.files?.[file];
        if (text === undefined) throw new CommandError(`open ${file}: no such file or directory`);
        return text;
      },
      // Helm writes to the cluster alone.
      writeText: async () => {},
      newFolder: async (prefix) => prefix,
      freePort: async (_address, preferred) => preferred,
      filesUnder: async (path) => [path],
      crds: async () => [
        {
          apiVersion: 'apiextensions.k8s.io/v1',
          kind: 'CustomResourceDefinition',
          metadata: { name: 'gateways.networking.istio.io' },
        },
      ],
      kubectl: async () => ({ status: 0, stdout: '', stderr: '' }),
      kubectlInForeground: async () => 0,
    },
  });
  return { status, ...written };
}
