import { textAt } from '../../install/tree.ts';
import { CommandError, EXIT, type Command, type Flag, type Invocation } from '../cli/command.ts';
import { targetOf } from '../cli/global-flags.ts';
import { listObjects } from '../kube/api.ts';
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

/** Ports that are the same inside and on the learner's side, by program. */
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
    usage: 'Local port; 0 for the one of the program',
  },
];

export const dashboardCommand: Command = {
  name: 'dashboard',
  aliases: ['dash', 'd'],
  short: 'Make the page of a program in the cluster reachable from this terminal',
  long: `Makes the page of a program in the cluster reachable on localhost until you press ^C.

There is no browser in this terminal. Pages of the add-ons stand in the tabs beside it; curl reads what the command makes reachable.`,
  commands: [
    ...DASHBOARDS.map((dashboard) => ({
      name: dashboard.name,
      short: `The page of ${dashboard.title}`,
      flags: FLAGS,
      run: (invocation: Invocation) => openDashboard(invocation, dashboard),
    })),
    {
      name: 'envoy',
      use: '[<type>/]<name>[.<namespace>] [flags]',
      short: 'The admin page of a proxy',
      flags: FLAGS,
      run: openEnvoy,
    },
    {
      name: 'controlz',
      short: "istiod's ControlZ page",
      flags: FLAGS,
      run: (invocation) => openIstiod(invocation, CONTROLZ_PORT, ''),
    },
    {
      name: 'istiod-debug',
      short: "istiod's debug page",
      flags: FLAGS,
      run: (invocation) => openIstiod(invocation, ISTIOD_DEBUG_PORT, '/debug'),
    },
  ],
};

async function openDashboard(invocation: Invocation, dashboard: Dashboard): Promise<number> {
  const namespace = invocation.flags.text('namespace') || invocation.flags.text('istioNamespace');
  const pod = await firstPod(invocation, namespace, dashboard.selector);
  if (pod === undefined) throw new CommandError(`no ${dashboard.title} pods found`);
  return forward(invocation, { namespace, pod, port: dashboard.port, path: dashboard.path ?? '' });
}

async function openIstiod(invocation: Invocation, port: number, path: string): Promise<number> {
  const namespace = invocation.flags.text('istioNamespace');
  const pod = await firstPod(invocation, namespace, 'app=istiod');
  if (pod === undefined) throw new CommandError(`no istiod pods found in namespace "${namespace}"`);
  return forward(invocation, { namespace, pod, port, path });
}

async function openEnvoy(invocation: Invocation): Promise<number> {
  const [name] = invocation.args;
  if (name === undefined) {
    throw new CommandError(
      'specify a pod, or a workload such as deploy/productpage-v1',
      EXIT.usage,
    );
  }
  using api = await connect(invocation);
  const found = await podArgument(api, name, namespaceOf(invocation, api));
  return forward(invocation, {
    namespace: found.namespace,
    pod: found.name,
    port: ENVOY_ADMIN_PORT,
    path: '',
  });
}

async function firstPod(
  invocation: Invocation,
  namespace: string,
  selector: string,
): Promise<string | undefined> {
  using api = await connect(invocation);
  const pods = await listObjects(api, `/api/v1/namespaces/${namespace}/pods`, selector);
  const running = pods.find((pod) => textAt(pod, 'status', 'phase') === 'Running');
  return running && textAt(running, 'metadata', 'name');
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
  const localPort = Number(flags.text('port')) || wanted.port;
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
