import { isObject } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { textAt } from '../../install/tree.ts';
import { CommandError, EXIT, type Command, type Invocation } from '../cli/command.ts';
import { listObjects, refusalOf, type KubeApi } from '../kube/api.ts';
import { connect } from '../kube/connect.ts';
import { table } from '../terminal/table.ts';

export const proxyStatusCommand: Command = {
  name: 'proxy-status',
  aliases: ['ps'],
  use: '[flags]',
  short: 'Which proxies are connected to istiod, and what they know',
  flags: [
    { name: 'revision', short: 'r', type: 'text', usage: 'Revision of the control plane to ask' },
    {
      name: 'verbosity',
      short: 'v',
      type: 'number',
      default: '0',
      usage: '1 shows each kind of configuration',
    },
  ],
  run: proxyStatus,
};

/** The kinds of configuration, in the order of the columns, and their fields in what istiod says. */
const TYPES = ['cluster', 'listener', 'endpoint', 'route', 'extension'] as const;
const TYPE_NAMES: Readonly<Record<(typeof TYPES)[number], string>> = {
  cluster: 'CDS',
  listener: 'LDS',
  endpoint: 'EDS',
  route: 'RDS',
  extension: 'ECDS',
};

async function proxyStatus(invocation: Invocation): Promise<number> {
  const { args, context, flags } = invocation;
  if (args.length > 0) {
    throw new CommandError(
      'comparing one proxy with istiod is not simulated yet: leave out the pod to see whether all are in step',
    );
  }
  using api = await connect(invocation);
  const statuses = await askIstiods(api, invocation);
  const isVerbose = flags.text('verbosity') !== '0';
  const head = isVerbose
    ? ['NAME', 'CLUSTER', ...TYPES.map((type) => TYPE_NAMES[type]), 'ISTIOD', 'VERSION']
    : ['NAME', 'CLUSTER', 'ISTIOD', 'VERSION', 'SUBSCRIBED TYPES'];
  const rows = statuses
    .map((status) => (isVerbose ? verboseRow(status) : shortRow(status)))
    .toSorted(([one = ''], [other = '']) => (one < other ? -1 : 1));
  context.terminal.stdout(table([head, ...rows], 5));
  return EXIT.done;
}

interface SyncStatus {
  readonly istiod: string;
  /** One entry of istiod's /debug/syncz. */
  readonly proxy: Json;
}

/** Asks each istiod for the proxies it serves (its debug page `syncz`). */
async function askIstiods(api: KubeApi, { flags }: Invocation): Promise<readonly SyncStatus[]> {
  const namespace = flags.text('istioNamespace');
  const revision = flags.text('revision');
  const selector = revision === '' ? 'app=istiod' : `app=istiod,istio.io/rev=${revision}`;
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const istiods = await listObjects(api, pods, selector);
  if (istiods.length === 0) {
    throw new CommandError(`no running Istio pods in "${namespace}"`);
  }
  const answers = await Promise.all(istiods.map((pod) => syncz(api, pods, pod)));
  return answers.flat();
}

async function syncz(api: KubeApi, pods: string, pod: JsonObject): Promise<readonly SyncStatus[]> {
  const istiod = textAt(pod, 'metadata', 'name');
  const path = `${pods}/${istiod}:15014/proxy/debug/syncz`;
  const answer = await api.call({ method: 'GET', path });
  if (answer.status !== 200) {
    throw new CommandError(
      `cannot tell what proxies know: ${istiod} does not answer /debug/syncz (${refusalOf(answer)})`,
    );
  }
  const parsed: unknown = JSON.parse(answer.text);
  const proxies: readonly unknown[] = Array.isArray(parsed) ? parsed : [];
  return proxies.filter(isObject).map((proxy) => ({ istiod, proxy }));
}

function shortRow({ istiod, proxy }: SyncStatus): readonly string[] {
  const subscribed = TYPES.filter((type) => sent(proxy, type) !== '').map(
    (type) => TYPE_NAMES[type],
  );
  return [
    textAt(proxy, 'proxy'),
    textAt(proxy, 'cluster_id'),
    istiod,
    textAt(proxy, 'istio_version'),
    `${subscribed.length} (${subscribed.join(',')})`,
  ];
}

function verboseRow({ istiod, proxy }: SyncStatus): readonly string[] {
  return [
    textAt(proxy, 'proxy'),
    textAt(proxy, 'cluster_id'),
    ...TYPES.map((type) => syncState(sent(proxy, type), textAt(proxy, `${type}_acked`))),
    istiod,
    textAt(proxy, 'istio_version'),
  ];
}

function sent(proxy: Json, type: (typeof TYPES)[number]): string {
  return textAt(proxy, `${type}_sent`);
}

function syncState(sentNonce: string, ackedNonce: string): string {
  if (sentNonce === '') return 'NOT SENT';
  return sentNonce === ackedNonce ? 'SYNCED' : 'STALE';
}
