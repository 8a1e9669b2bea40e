import { isList, isObject } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { humanDuration } from '../../../kinds/values/age.ts';
import { textAt } from '../../install/tree.ts';
import { CommandError, EXIT, type Command, type Invocation } from '../cli/command.ts';
import { connect } from '../kube/connect.ts';
import { toYaml } from '../kube/yaml.ts';
import { table } from '../terminal/table.ts';
import { askIstiods, REVISION_FLAG } from './istiod.ts';
import { ADMIN_PORT_FLAG } from './proxy-config/admin.ts';
import { compareWithIstiod } from './proxy-status-diff.ts';

export const proxyStatusCommand: Command = {
  name: 'proxy-status',
  aliases: ['ps'],
  use: '[<type>/]<name>[.<namespace>] [flags]',
  short: 'Which proxies are connected to istiod, and whether they have what it sent [kube only]',
  examples: `  # All proxies, and those of one namespace
  istioctl proxy-status
  istioctl proxy-status --namespace foo

  # What istiod has sent to one proxy, compared with what that proxy has
  istioctl proxy-status deploy/istio-ingressgateway.istio-system`,
  flags: [
    { name: 'file', type: 'text', usage: 'Envoy config dump JSON file' },
    {
      name: 'output',
      short: 'o',
      type: 'text',
      default: 'table',
      usage: 'Output format: one of json|yaml|table',
    },
    ADMIN_PORT_FLAG,
    REVISION_FLAG,
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

async function proxyStatus(invocation: Invocation): Promise<number> {
  const { args, context, flags } = invocation;
  const [pod] = args;
  if (pod !== undefined) return compareWithIstiod(invocation, pod);
  using api = await connect(invocation);
  const answers = await askIstiods(api, invocation, 'syncz');
  const namespace = flags.text('namespace');
  const statuses = answers
    .flatMap(({ istiod, text }) => proxiesIn(text).map((proxy) => ({ istiod, proxy })))
    .filter(({ proxy }) => namespace === '' || namespaceOfProxy(proxy) === namespace)
    .toSorted((one, other) => (textAt(one.proxy, 'proxy') < textAt(other.proxy, 'proxy') ? -1 : 1));
  context.terminal.stdout(await printed(invocation, statuses));
  return EXIT.done;
}

/** One entry of istiod's page `syncz`, and who said so. */
interface SyncStatus {
  readonly istiod: string;
  readonly proxy: JsonObject;
}

function proxiesIn(text: string): readonly JsonObject[] {
  try {
    const parsed: unknown = JSON.parse(text);
    return isList(parsed) ? parsed.filter(isObject) : [];
  } catch (cause) {
    throw new CommandError(`could not unmarshal syncz: ${String(cause)}`, undefined, { cause });
  }
}

/** `reviews-v1-x.default` is in `default`. */
function namespaceOfProxy(proxy: JsonObject): string {
  const id = textAt(proxy, 'proxy');
  return id.slice(id.lastIndexOf('.') + 1);
}

async function printed(
  { context, flags }: Invocation,
  statuses: readonly SyncStatus[],
): Promise<string> {
  const format = flags.text('output');
  switch (format) {
    case 'json':
      return `${JSON.stringify(responseOf(statuses), undefined, 4)}\n`;
    case 'yaml':
      return `${await toYaml([responseOf(statuses)])}\n`;
    case 'table':
      return Number(flags.text('verbosity')) > 0
        ? verboseTable(statuses, context.now())
        : shortTable(statuses);
    default:
      throw new CommandError(`output format ${JSON.stringify(format)} not supported`);
  }
}

const PADDING = 5;
const TYPE = 'type.googleapis.com/envoy';
/** In the order in which istioctl lists what a proxy is subscribed to. */
const TYPES = [
  ['CDS', `${TYPE}.config.cluster.v3.Cluster`],
  ['LDS', `${TYPE}.config.listener.v3.Listener`],
  ['EDS', `${TYPE}.config.endpoint.v3.ClusterLoadAssignment`],
  ['RDS', `${TYPE}.config.route.v3.RouteConfiguration`],
  ['ECDS', `${TYPE}.config.core.v3.TypedExtensionConfig`],
] as const;

function shortTable(statuses: readonly SyncStatus[]): string {
  const rows = statuses.map(({ istiod, proxy }) => {
    const watched = TYPES.filter(([, type]) => resourceOf(proxy, type) !== undefined);
    const list = watched.map(([name]) => name).join(',');
    const subscribed = watched.length === 0 ? '0' : `${watched.length} (${list})`;
    return [
      textAt(proxy, 'proxy'),
      textAt(proxy, 'cluster_id'),
      istiod,
      textAt(proxy, 'istio_version'),
      subscribed,
    ];
  });
  return table([['NAME', 'CLUSTER', 'ISTIOD', 'VERSION', 'SUBSCRIBED TYPES'], ...rows], PADDING);
}

function verboseTable(statuses: readonly SyncStatus[], nowMs: number): string {
  const types = TYPES.toSorted(([, one], [, other]) => (one < other ? -1 : 1));
  const rows = statuses.map(({ istiod, proxy }) => [
    textAt(proxy, 'proxy'),
    textAt(proxy, 'cluster_id'),
    ...types.map(([, type]) => stateOf(resourceOf(proxy, type), nowMs)),
    istiod,
    textAt(proxy, 'istio_version'),
  ]);
  const head = ['NAME', 'CLUSTER', ...types.map(([name]) => name), 'ISTIOD', 'VERSION'];
  return table([head, ...rows], PADDING);
}

function resourceOf(proxy: JsonObject, type: string): JsonObject | undefined {
  const resources = proxy['resources'];
  const found = isObject(resources) ? resources[type] : undefined;
  return isObject(found) ? found : undefined;
}

type State = 'SYNCED' | 'STALE' | 'NOT_SENT';

function syncState(resource: JsonObject): State {
  const sent = textAt(resource, 'sent');
  if (sent === '') return 'NOT_SENT';
  return sent === textAt(resource, 'acked') ? 'SYNCED' : 'STALE';
}

/** `SYNCED (5m)`; `IGNORED` for what the proxy does not ask for. */
function stateOf(resource: JsonObject | undefined, nowMs: number): string {
  if (!resource) return 'IGNORED';
  const state = syncState(resource);
  if (state === 'NOT_SENT') return 'NOT SENT';
  const sentMs = Date.parse(textAt(resource, 'sent_time'));
  return Number.isNaN(sentMs) ? state : `${state} (${humanDuration(nowMs - sentMs)})`;
}

/** istiod's answer as xDS has it (envoy.service.status.v3.ClientConfig). */
function responseOf(statuses: readonly SyncStatus[]): Json {
  return {
    resources: statuses.map(({ proxy }) => ({
      '@type': 'type.googleapis.com/envoy.service.status.v3.ClientConfig',
      node: {
        id: textAt(proxy, 'proxy'),
        metadata: {
          CLUSTER_ID: textAt(proxy, 'cluster_id'),
          ISTIO_VERSION: textAt(proxy, 'istio_version'),
          NAMESPACE: namespaceOfProxy(proxy),
        },
      },
      genericXdsConfigs: TYPES.flatMap(([, type]) => {
        const resource = resourceOf(proxy, type);
        if (!resource) return [];
        const lastUpdated = textAt(resource, 'sent_time');
        return [{ typeUrl: type, configStatus: syncState(resource), lastUpdated }];
      }),
    })),
    typeUrl: 'istio.io/debug/syncz',
    controlPlane: { identifier: [...new Set(statuses.map(({ istiod }) => istiod))].join(',') },
  };
}
