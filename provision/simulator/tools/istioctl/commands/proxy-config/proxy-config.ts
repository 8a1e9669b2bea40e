import type { Json } from '../../../../kinds/object.ts';
import { CommandError, EXIT, type Command, type Flag, type Invocation } from '../../cli/command.ts';
import { toYaml } from '../../kube/yaml.ts';
import { table } from '../../terminal/table.ts';
import { notSimulated } from '../not-simulated.ts';
import { adminJson, askAdmin, namedProxy, partOf } from './admin.ts';
import { clusterRows, clustersOf } from './clusters.ts';
import { endpointRows } from './endpoints.ts';
import { listenerRows, listenersOf } from './listeners.ts';
import { routeRows, routesOf } from './routes.ts';
import { secretRows } from './secrets.ts';

const USE = '[<type>/]<name>[.<namespace>] [flags]';
const PADDING = 5;

const OUTPUT: Flag = {
  name: 'output',
  short: 'o',
  type: 'text',
  default: 'short',
  usage: 'Format of the output: short, json or yaml',
};
const FILE: Flag = {
  name: 'file',
  short: 'f',
  type: 'text',
  usage: 'Read what the proxy would say from a file',
};

function text(name: string, usage: string): Flag {
  return { name, type: 'text', usage };
}

export const proxyConfigCommand: Command = {
  name: 'proxy-config',
  aliases: ['pc'],
  short: 'What a proxy was told to do: listeners, routes, clusters, endpoints',
  examples: `  # Where the product page's proxy sends requests for reviews
  istioctl proxy-config routes deploy/productpage-v1 --name 9080
  istioctl proxy-config endpoints deploy/productpage-v1 --cluster "outbound|9080||reviews.default.svc.cluster.local"`,
  commands: [
    {
      name: 'cluster',
      aliases: ['clusters', 'c'],
      use: USE,
      short: 'Where requests can go',
      flags: [
        OUTPUT,
        FILE,
        text('direction', 'inbound or outbound'),
        text('fqdn', 'Part of the host name'),
        text('port', 'Port of the service'),
        text('subset', 'Subset of a DestinationRule'),
      ],
      run: cluster,
    },
    {
      name: 'listener',
      aliases: ['listeners', 'l'],
      use: USE,
      short: 'What the proxy listens on, and where each connection goes',
      flags: [OUTPUT, FILE, text('address', 'Address of the listener'), text('port', 'Its port')],
      run: listener,
    },
    {
      name: 'route',
      aliases: ['routes', 'r'],
      use: USE,
      short: 'How requests are matched',
      flags: [OUTPUT, FILE, text('name', 'Name of one route configuration')],
      run: route,
    },
    {
      name: 'endpoint',
      aliases: ['endpoints', 'ep'],
      use: USE,
      short: 'Addresses behind each cluster, and whether they are well',
      flags: [
        OUTPUT,
        FILE,
        text('address', 'Address of an endpoint'),
        text('cluster', 'Name of a cluster'),
        text('port', 'Port of an endpoint'),
        text('status', 'healthy, unhealthy, draining'),
      ],
      run: endpoint,
    },
    {
      name: 'secret',
      aliases: ['secrets', 's'],
      use: USE,
      short: 'Certificates the proxy holds',
      flags: [OUTPUT, FILE],
      run: secret,
    },
    {
      name: 'bootstrap',
      aliases: ['b'],
      use: USE,
      short: 'What the proxy was started with',
      flags: [{ ...OUTPUT, default: 'json' }, FILE],
      run: bootstrap,
    },
    {
      name: 'log',
      aliases: ['o'],
      use: USE,
      short: 'Log levels of the proxy, shown or changed',
      flags: [
        text('level', 'New levels: "debug" for all, "rbac:debug,jwt:trace" for some'),
        { name: 'reset', short: 'r', type: 'boolean', usage: 'Back to warning' },
      ],
      run: log,
    },
    notSimulated('proxy-config all', 'Everything at once', { aliases: ['a'] }),
    notSimulated('proxy-config ecds', 'Extensions of the proxy'),
    notSimulated('proxy-config eds', 'Endpoints as istiod sent them'),
    notSimulated('proxy-config rootca-compare', 'Whether two proxies trust the same root'),
  ],
};

async function cluster(invocation: Invocation): Promise<number> {
  const { flags } = invocation;
  const clusters = clustersOf(partOf(await adminJson(invocation, 'config_dump'), 'Clusters'), {
    direction: flags.text('direction'),
    fqdn: flags.text('fqdn'),
    port: flags.text('port'),
    subset: flags.text('subset'),
  });
  return show(invocation, { rows: clusterRows(clusters), data: clusters });
}

async function listener(invocation: Invocation): Promise<number> {
  const { flags } = invocation;
  const part = partOf(await adminJson(invocation, 'config_dump'), 'Listeners');
  const listeners = listenersOf(part, { address: flags.text('address'), port: flags.text('port') });
  return show(invocation, { rows: listenerRows(listeners), data: listeners });
}

async function route(invocation: Invocation): Promise<number> {
  const part = partOf(await adminJson(invocation, 'config_dump'), 'Routes');
  const routes = routesOf(part, invocation.flags.text('name'));
  return show(invocation, { rows: routeRows(routes), data: routes });
}

async function endpoint(invocation: Invocation): Promise<number> {
  const { flags } = invocation;
  const page = await adminJson(invocation, 'clusters?format=json');
  const rows = endpointRows(page, {
    address: flags.text('address'),
    cluster: flags.text('cluster'),
    port: flags.text('port'),
    status: flags.text('status'),
  });
  return show(invocation, { rows, data: page });
}

async function secret(invocation: Invocation): Promise<number> {
  const part = partOf(await adminJson(invocation, 'config_dump'), 'Secrets');
  return show(invocation, { rows: secretRows(part, invocation.context.now()), data: part });
}

async function bootstrap(invocation: Invocation): Promise<number> {
  const data = partOf(await adminJson(invocation, 'config_dump'), 'Bootstrap');
  return show(invocation, { rows: [], data });
}

async function show(
  { context, flags }: Invocation,
  { rows, data }: { readonly rows: readonly (readonly string[])[]; readonly data: Json },
): Promise<number> {
  switch (flags.text('output')) {
    case 'short':
      context.terminal.stdout(table(rows, PADDING));
      return EXIT.done;
    case 'json':
      context.terminal.stdout(`${JSON.stringify(data, undefined, 4)}\n`);
      return EXIT.done;
    case 'yaml':
      context.terminal.stdout(await toYaml([data]));
      return EXIT.done;
    default:
      throw new CommandError(
        `output format "${flags.text('output')}" not supported: use short, json or yaml`,
        EXIT.usage,
      );
  }
}

async function log(invocation: Invocation): Promise<number> {
  const { context, flags } = invocation;
  const proxy = await namedProxy(invocation);
  const levels = flags.isOn('reset') ? 'warning' : flags.text('level');
  const queries = levels === '' ? [''] : levels.split(',').map(levelQuery);
  let answer = '';
  for (const query of queries) {
    answer = await askAdmin(invocation, proxy, { method: 'POST', path: `logging${query}` });
  }
  context.terminal.stdout(`${proxy.name}.${proxy.namespace}:\n${answer}`);
  return EXIT.done;
}

/** `rbac:debug` is one logger, `debug` all of them. */
function levelQuery(level: string): string {
  const [name = '', value] = level.split(':');
  return value === undefined ? `?level=${name}` : `?${name}=${value}`;
}
