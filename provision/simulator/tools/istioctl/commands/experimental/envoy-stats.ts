import { textAt } from '../../../install/tree.ts';
import {
  CommandError,
  EXIT,
  WrongArguments,
  type Command,
  type Invocation,
} from '../../cli/command.ts';
import { getObject } from '../../kube/api.ts';
import { connect } from '../../kube/connect.ts';
import { chosenPods, type FoundPod } from '../../kube/pod-argument.ts';
import { toYaml } from '../../kube/yaml.ts';
import { ADMIN_PORT_FLAG, askAdmin, failAs, parsed } from '../proxy-config/admin.ts';

export const envoyStatsCommand: Command = {
  name: 'envoy-stats',
  aliases: ['es'],
  use: '[<type>/]<name>[.<namespace>] [flags]',
  short: 'Statistics of the proxy in a pod',
  examples: `  istioctl x envoy-stats deploy/productpage-v1
  istioctl x envoy-stats deploy/productpage-v1 --output prom
  istioctl x envoy-stats deploy/productpage-v1 --type clusters`,
  flags: [
    {
      name: 'output',
      short: 'o',
      type: 'text',
      default: 'short',
      usage: 'Output format: one of json|yaml|short|prom|prom-merged',
    },
    ADMIN_PORT_FLAG,
    { name: 'selector', short: 'l', type: 'text', usage: 'Label selector' },
    {
      name: 'type',
      short: 't',
      type: 'text',
      default: 'server',
      usage: 'Where to grab the stats: one of server|clusters',
    },
  ],
  run: envoyStats,
};

async function envoyStats(invocation: Invocation): Promise<number> {
  const { args, context, flags } = invocation;
  const selector = flags.text('selector');
  if (args.length !== 1 && selector === '') {
    throw new WrongArguments('stats requires pod name or label selector');
  }
  if (args.length === 1 && selector !== '') {
    throw new WrongArguments('name cannot be provided when the label selector is specified');
  }
  for (const pod of await chosenPods(invocation)) {
    const text = await statsOf(invocation, pod);
    const shown = await formatted(flags.text('output'), text);
    context.terminal.stdout(`\nThe result of pod ${pod.name}:\n\n${shown}`);
  }
  return EXIT.done;
}

const OF_CLUSTERS: Readonly<Record<string, string>> = {
  '': 'clusters',
  short: 'clusters',
  json: 'clusters?format=json',
  yaml: 'clusters?format=json',
};
const OF_SERVER: Readonly<Record<string, string>> = {
  '': 'stats',
  short: 'stats',
  json: 'stats?format=json',
  yaml: 'stats?format=json',
  prom: 'stats/prometheus',
};

async function statsOf(invocation: Invocation, pod: FoundPod): Promise<string> {
  const { flags } = invocation;
  const format = flags.text('output');
  const type = flags.text('type');
  const isOfClusters = type === 'cluster' || type === 'clusters';
  if (!isOfClusters && type !== 'server' && type !== '') {
    throw new CommandError(`unknown stats type ${type}`);
  }
  const known = isOfClusters ? OF_CLUSTERS : OF_SERVER;
  const path =
    format === 'prom-merged' && !isOfClusters ? await mergedPath(invocation, pod) : known[format];
  if (path === undefined) {
    const allowed = isOfClusters ? 'json,yaml,short' : 'json,yaml,short,prom,prom-merged';
    throw new CommandError(
      `unable to match a printer suitable for the output format ${format}, allowed formats are: ${allowed}`,
    );
  }
  try {
    return await askAdmin(invocation, pod, { method: 'GET', path });
  } catch (cause) {
    return failAs('failed to execute command on Envoy', cause);
  }
}

/** Where the pod says that its metrics are; istioctl asks the admin port for that path. */
async function mergedPath(invocation: Invocation, pod: FoundPod): Promise<string> {
  using api = await connect(invocation);
  const path = `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}`;
  const annotations = 'prometheus.io/path';
  const own = textAt(await getObject(api, path), 'metadata', 'annotations', annotations);
  return (own || '/metrics').replace(/^\//, '');
}

async function formatted(format: string, text: string): Promise<string> {
  if (format === 'json') return `${JSON.stringify(parsed(text), undefined, 4)}\n`;
  return format === 'yaml' ? toYaml([parsed(text)]) : text;
}
