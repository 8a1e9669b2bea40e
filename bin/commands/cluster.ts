import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { startLocalCluster } from '../../provision/index.ts';
import { type Command, untilStopped, UsageError } from './command.ts';
import { readStartingState } from './starting-state.ts';

const HELP = `Usage: regatta cluster [OPTIONS]

One simulated cluster in the foreground, until ^C, for tools of this machine: API server, node ports and load balancers
listen on addresses of 127.0.x.y.

Options
  --kubeconfig FILE   where to write the kubeconfig (default regatta.kubeconfig)
  --istio NAME        none (default), minimal, default, demo
  --bookinfo          with Bookinfo running (implies --istio demo)
  --nodes N           worker nodes (default 1); 0 leaves pods Pending
`;

export const cluster: Command = {
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
    const startingState = readStartingState(values);
    const workers = workersIn(values.nodes);
    await using local = await startLocalCluster({ ...startingState, workers });
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

function workersIn(nodes = '1'): number {
  const workers = Number(nodes);
  if (Number.isInteger(workers) && workers >= 0 && workers <= 10) return workers;
  throw new UsageError(`Cannot make ${nodes} nodes: it takes a number from 0 to 10`);
}
