import { CommandError, EXIT, type Command, type Flag, type Invocation } from '../../cli/command.ts';
import { toYaml } from '../../kube/yaml.ts';
import { notSimulated } from '../not-simulated.ts';

function list(name: string, short: string, usage: string): Flag {
  return { name, short, type: 'list', usage };
}

export const workloadCommand: Command = {
  name: 'workload',
  short: 'Virtual machines as workloads',
  commands: [
    {
      name: 'group',
      short: 'Groups of virtual machines',
      commands: [
        {
          name: 'create',
          short: 'Print a WorkloadGroup, a template for WorkloadEntries, as YAML for kubectl apply',
          examples:
            '  istioctl x workload group create --name foo --namespace bar --labels app=foo,bar=baz --ports grpc=3550,http=8080 --serviceAccount sa',
          flags: [
            list('annotations', 'a', 'The annotations to apply to the workload instances'),
            list(
              'labels',
              'l',
              'The labels to apply to the workload instances; e.g. -l env=prod,vers=2',
            ),
            { name: 'locality', type: 'text', usage: 'The locality of the endpoint' },
            { name: 'name', type: 'text', usage: 'The name of the workload group' },
            { name: 'network', type: 'text', usage: 'The network of the endpoint' },
            list('ports', 'p', 'The incoming ports exposed by the workload instance'),
            {
              name: 'serviceAccount',
              short: 's',
              type: 'text',
              default: 'default',
              usage: 'The service identity of the workload instances',
            },
            {
              name: 'weight',
              short: 'w',
              type: 'number',
              usage: 'The load balancing weight of the endpoint',
            },
          ],
          run: createGroup,
        },
      ],
    },
    {
      name: 'entry',
      short: 'Single virtual machines',
      commands: [
        notSimulated(
          'experimental workload entry configure',
          'The files by which a virtual machine joins the mesh',
        ),
      ],
    },
  ],
};

async function createGroup({ context, flags }: Invocation): Promise<number> {
  const name = flags.text('name');
  const namespace = flags.text('namespace');
  if (name === '') throw new CommandError('expecting a workload name');
  if (namespace === '') throw new CommandError('expecting a workload namespace');
  const ports = Object.entries(pairs(flags.list('ports'))).map(
    ([port, number]) => [port, Number(number)] as const,
  );
  const text = (field: string, flag: string) =>
    flags.text(flag) !== '' && { [field]: flags.text(flag) };
  const weight = Number(flags.text('weight'));
  const labels = pairs(flags.list('labels'));
  const annotations = pairs(flags.list('annotations'));
  const group = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'WorkloadGroup',
    metadata: { name, namespace },
    spec: {
      metadata: {
        ...(Object.keys(annotations).length > 0 && { annotations }),
        ...(Object.keys(labels).length > 0 && { labels }),
      },
      template: {
        ...text('locality', 'locality'),
        ...text('network', 'network'),
        ...(ports.length > 0 && { ports: Object.fromEntries(ports) }),
        ...text('serviceAccount', 'serviceAccount'),
        ...(weight > 0 && { weight }),
      },
    },
  };
  context.terminal.stdout(await toYaml([group]));
  return EXIT.done;
}

/** `a=b,c=d`, in one flag or in several. */
function pairs(typed: readonly string[]): Readonly<Record<string, string>> {
  const entries = typed
    .flatMap((one) => one.split(','))
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals < 0
        ? ([pair, ''] as const)
        : ([pair.slice(0, equals), pair.slice(equals + 1)] as const);
    });
  return Object.fromEntries(entries);
}
