import { textAt } from '../../install/tree.ts';
import {
  CommandError,
  WrongArguments,
  type Command,
  type Flag,
  type Invocation,
} from '../cli/command.ts';
import { targetOf } from '../cli/global-flags.ts';
import { listObjects, type KubeApi } from '../kube/api.ts';
import { connect, namespaceOf } from '../kube/connect.ts';
import { podArgument } from '../kube/pod-argument.ts';

interface Dashboard {
  readonly name: string;
  readonly title: string;
  readonly port: number;
  readonly selector: string;
  readonly path?: string;
}

/** What can be looked at, and which pods show it (Istio's samples/addons). */
const DASHBOARDS: readonly Dashboard[] = [
  { name: 'grafana', title: 'Grafana', port: 3000, selector: 'app.kubernetes.io/name=grafana' },
  { name: 'jaeger', title: 'Jaeger', port: 16686, selector: 'app=jaeger' },
  { name: 'kiali', title: 'Kiali', port: 20001, selector: 'app=kiali', path: '/kiali' },
  {
    name: 'prometheus',
    title: 'Prometheus',
    port: 9090,
    selector: 'app.kubernetes.io/name=prometheus',
  },
  { name: 'skywalking', title: 'SkyWalking', port: 8080, selector: 'app=skywalking-ui' },
  { name: 'zipkin', title: 'Zipkin', port: 9411, selector: 'app=zipkin' },
];

const ENVOY_ADMIN_PORT = 15000;
const CONTROLZ_PORT = 9876;
const ISTIOD_DEBUG_PORT = 15014;

const FLAGS: readonly Flag[] = [
  { name: 'address', type: 'text', default: 'localhost', usage: 'Address to listen on' },
  { name: 'browser', type: 'boolean', default: 'true', usage: 'Open a browser' },
  {
    name: 'port',
    short: 'p',
    type: 'number',
    default: '0',
    usage: 'Local port; 0 for the one of the program, or any other when that is taken',
  },
];

const SELECTOR_FLAG: Flag = {
  name: 'selector',
  short: 'l',
  type: 'text',
  usage: 'Labels of the pod',
};

const REVISION_FLAG: Flag = {
  name: 'revision',
  short: 'r',
  type: 'text',
  usage: 'Control plane revision',
};

function uiPortFlag(port: number): Flag {
  return { name: 'ui-port', type: 'number', default: String(port), usage: 'Port of the page' };
}

const PROXY_USE = '[<type>/]<name>[.<namespace>] [flags]';

export const dashboardCommand: Command = {
  name: 'dashboard',
  aliases: ['dash', 'd'],
  short: 'Make the page of a program in the cluster reachable from this terminal',
  long: `Makes the page of a program in the cluster reachable on localhost until you press ^C.

There is no browser in this terminal. Pages of the add-ons stand in the tabs beside it; curl reads what the command makes reachable.`,
  unknownArgument: (word) => new CommandError(`unknown dashboard ${JSON.stringify(word)}`),
  commands: [
    ...DASHBOARDS.map((dashboard) => ({
      name: dashboard.name,
      short: `The page of ${dashboard.title}`,
      flags: [...FLAGS, uiPortFlag(dashboard.port)],
      run: (invocation: Invocation) => openDashboard(invocation, dashboard),
    })),
    ...['envoy', 'proxy'].map((name) => ({
      name,
      use: PROXY_USE,
      short: 'The admin page of a proxy',
      flags: [...FLAGS, SELECTOR_FLAG, uiPortFlag(ENVOY_ADMIN_PORT)],
      run: openProxy,
    })),
    {
      name: 'controlz',
      use: PROXY_USE,
      short: "istiod's ControlZ page",
      flags: [
        ...FLAGS,
        SELECTOR_FLAG,
        REVISION_FLAG,
        {
          name: 'ctrlz_port',
          type: 'number',
          default: String(CONTROLZ_PORT),
          usage: 'Port of ControlZ',
        },
      ],
      run: (invocation) =>
        openIstiod(invocation, { port: Number(invocation.flags.text('ctrlz_port')), path: '' }),
    },
    {
      name: 'istiod-debug',
      use: PROXY_USE,
      short: "istiod's debug page",
      flags: [...FLAGS, SELECTOR_FLAG, REVISION_FLAG],
      run: (invocation) => openIstiod(invocation, { port: ISTIOD_DEBUG_PORT, path: '/debug' }),
    },
  ],
};

async function openDashboard(
  invocation: Invocation,
  { selector, path = '' }: Dashboard,
): Promise<number> {
  const { flags } = invocation;
  using api = await connect(invocation);
  // An add-on stands beside istiod unless a namespace says where else to look.
  for (const namespace of [flags.text('istioNamespace'), namespaceOf(invocation, api)]) {
    const [pod] = await runningPods(api, namespace, selector);
    if (pod === undefined) continue;
    return forward(invocation, { namespace, pod, port: Number(flags.text('ui-port')), path });
  }
  throw new CommandError(`no pods found with selector ${selector}`);
}

async function openIstiod(
  invocation: Invocation,
  page: { readonly port: number; readonly path: string },
): Promise<number> {
  const { args, flags } = invocation;
  const ways = [args[0], flags.text('selector'), flags.text('revision')].filter(
    (way) => way !== undefined && way !== '',
  );
  if (ways.length === 0) {
    throw new WrongArguments('specify a pod, --selector, or --revision');
  }
  if (ways.length > 1) {
    throw new WrongArguments('only one of name, --selector, or --revision can be specified');
  }
  using api = await connect(invocation);
  const [name] = args;
  const namespace = flags.text('namespace') || flags.text('istioNamespace');
  if (name !== undefined) {
    const found = await podArgument(api, name, namespace);
    return forward(invocation, { namespace: found.namespace, pod: found.name, ...page });
  }
  const revision = flags.text('revision');
  const labels = revision === '' ? flags.text('selector') : `istio.io/rev=${revision}`;
  const [pod] = await runningPods(api, namespace, `${labels},app=istiod`);
  if (pod === undefined) throw new CommandError('no pods found');
  return forward(invocation, { namespace, pod, ...page });
}

async function openProxy(invocation: Invocation): Promise<number> {
  const { args, flags } = invocation;
  const [name] = args;
  const selector = flags.text('selector');
  if (name === undefined && selector === '') {
    throw new WrongArguments('specify a pod or --selector');
  }
  if (name !== undefined && selector !== '') {
    throw new WrongArguments('name cannot be provided when a selector is specified');
  }
  using api = await connect(invocation);
  const namespace = namespaceOf(invocation, api);
  const page = { port: Number(flags.text('ui-port')), path: '' };
  if (name !== undefined) {
    const found = await podArgument(api, name, namespace);
    return forward(invocation, { namespace: found.namespace, pod: found.name, ...page });
  }
  const [pod] = await runningPods(api, namespace, selector);
  if (pod === undefined) throw new CommandError('no pods found');
  return forward(invocation, { namespace, pod, ...page });
}

async function runningPods(
  api: KubeApi,
  namespace: string,
  selector: string,
): Promise<readonly string[]> {
  const pods = await listObjects(api, `/api/v1/namespaces/${namespace}/pods`, selector);
  return pods
    .filter((pod) => textAt(pod, 'status', 'phase') === 'Running')
    .map((pod) => textAt(pod, 'metadata', 'name'));
}

interface Forward {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
  readonly path: string;
}

async function forward(invocation: Invocation, wanted: Forward): Promise<number> {
  const { context, flags } = invocation;
  const address = flags.text('address');
  const localPort = Number(flags.text('port')) || (await context.freePort(address, wanted.port));
  const url = `http://${address}:${localPort}${wanted.path}`;
  context.terminal.stdout(`${url}\n`);
  context.terminal.stdout(
    flags.isOn('browser')
      ? `Failed to open browser; open ${url} in your browser.\n`
      : 'skipping opening a browser\n',
  );
  return context.kubectlInForeground(targetOf(invocation), [
    'port-forward',
    `--namespace=${wanted.namespace}`,
    `--address=${address}`,
    `pod/${wanted.pod}`,
    `${localPort}:${wanted.port}`,
  ]);
}
