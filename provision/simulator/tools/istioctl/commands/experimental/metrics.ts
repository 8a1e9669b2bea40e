import { CommandError, WrongArguments, type Command, type Invocation } from '../../cli/command.ts';
import { listObjects } from '../../kube/api.ts';
import { connect } from '../../kube/connect.ts';

export const metricsCommand: Command = {
  name: 'metrics',
  aliases: ['m'],
  use: '<workload name>... [flags]',
  short: 'Request rates and latencies of workloads, from Prometheus',
  flags: [
    { name: 'duration', short: 'd', type: 'duration', default: '1m0s', usage: 'Time to look back' },
  ],
  run: metrics,
};

async function metrics(invocation: Invocation): Promise<number> {
  const { args, flags } = invocation;
  if (args.length === 0) throw new WrongArguments('metrics requires workload name');
  using api = await connect(invocation);
  const path = `/api/v1/namespaces/${flags.text('istioNamespace')}/pods`;
  const pods = await listObjects(api, path, 'app.kubernetes.io/name=prometheus');
  if (pods.length === 0) throw new CommandError('no Prometheus pods found');
  throw new CommandError(
    'istioctl experimental metrics is not simulated: ask Prometheus itself, with istioctl dashboard prometheus',
  );
}
