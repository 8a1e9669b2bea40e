import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { type StartingState, startLocalCluster } from '../../provision/index.ts';
import { type Command, untilStopped, UsageError } from './command.ts';

const HELP = `Usage: regatta cluster [OPTIONS]

One simulated cluster in the foreground, until ^C, for tools of this machine: API server, node ports and load balancers
listen on addresses of 127.0.x.y.

Options
  --kubeconfig FILE   where to write the kubeconfig (default regatta.kubeconfig)
  --istio NAME        none (default), minimal, default, demo
  --bookinfo          with Bookinfo running (implies --istio demo)
  --nodes N           worker nodes (default 1); 0 leaves pods Pending
`;

const PROFILES = ['none', 'minimal', 'default', 'demo'] as const;

export const cluster: Command = {
  name: 'cluster',
  summary: 'one simulated cluster in the foreground',
  help: HELP,
  async run(words) {
    const startMs = performance.now();
    const { values } = parseArgs({
      args: [...words],
      options: {
        kubeconfig: { type: 'string' },
        istio: { type: 'string' },
        bookinfo: { type: 'boolean' },
        nodes: { type: 'string' },
      },
    });
    const file = path.resolve(values.kubeconfig ?? 'regatta.kubeconfig');
    const stopped = untilStopped();
    await using local = await startLocalCluster(startingState(values));
    await writeFile(file, local.kubeconfig, { mode: 0o600 });
    process.stderr.write(`ready in ${Math.round(performance.now() - startMs)} ms\n`);
    process.stdout.write(`export KUBECONFIG=${file}\n`);
    local.onAddress(({ ip, port, name, isMoved }) => {
      const note = isMoved ? ' (its own port is taken or not allowed here)' : '';
      process.stderr.write(`${name}: ${ip}:${port}${note}\n`);
    });
    await stopped;
    return 0;
  },
};

function startingState(values: {
  readonly istio?: string | undefined;
  readonly bookinfo?: boolean | undefined;
  readonly nodes?: string | undefined;
}): StartingState & { readonly workers: number } {
  const istio = PROFILES.find(
    (name) => name === (values.istio ?? (values.bookinfo ? 'demo' : 'none')),
  );
  if (!istio)
    throw new UsageError(
      `Cannot use --istio ${values.istio ?? ''}: it takes ${PROFILES.join(', ')}`,
    );
  const workers = Number(values.nodes ?? 1);
  if (!Number.isInteger(workers) || workers < 0 || workers > 10) {
    throw new UsageError(`Cannot make ${values.nodes ?? ''} nodes: it takes a number from 0 to 10`);
  }
  return { istio, hasBookinfo: values.bookinfo ?? false, workers };
}
