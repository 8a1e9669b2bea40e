import {
  CommandError,
  EXIT,
  WrongArguments,
  type Command,
  type Flag,
  type Invocation,
} from '../../cli/command.ts';
import { toYaml } from '../../kube/yaml.ts';
import {
  ADMIN_PORT_FLAG,
  adminText,
  configDump,
  findPart,
  namedProxy,
  parsed,
  partOf,
} from './admin.ts';
import { bootstrapSummary } from './bootstrap.ts';
import { clustersOf, clusterTable, type ClusterFilter } from './clusters.ts';
import { extensionTable } from './ecds.ts';
import { assignmentsOf, assignmentTable } from './eds.ts';
import { endpointClusters, endpointTable, type EndpointFilter } from './endpoints.ts';
import { listenersOf, listenerTable, type ListenerFilter } from './listeners.ts';
import { log } from './log.ts';
import { OUTPUT, print } from './output.ts';
import { protoJson } from './proto-json.ts';
import { routesOf, routeTable } from './routes.ts';
import { rootFingerprints, secretTable } from './secrets.ts';

const USE = '[<type>/]<name>[.<namespace>] [flags]';
const WITH_ENDPOINTS = 'config_dump?include_eds=true';

const FILE = text('file', 'Envoy config dump JSON file', 'f');
const VERBOSE: Flag = {
  name: 'verbose',
  type: 'boolean',
  default: 'true',
  usage: 'Output more information',
};
const CLUSTER_FLAGS = [
  text('direction', 'Filter clusters by Direction field'),
  text('fqdn', 'Filter clusters by substring of Service FQDN field'),
  text('subset', 'Filter clusters by substring of Subset field'),
];
const ENDPOINT_FLAGS = [
  text('address', 'Filter endpoints by address field'),
  text('cluster', 'Filter endpoints by cluster name field'),
  number('port', 'Filter endpoints by Port field'),
  text('status', 'Filter endpoints by status field'),
];
const LISTENER_FLAGS = [
  text('address', 'Filter listeners by address field'),
  text('type', 'Filter listeners by type field'),
];
const ROUTE_NAME = text('name', 'Filter routes by route name field');

function text(name: string, usage: string, short?: string): Flag {
  return { name, type: 'text', usage, ...(short !== undefined && { short }) };
}

function number(name: string, usage: string): Flag {
  return { name, type: 'number', usage };
}

export const proxyConfigCommand: Command = {
  name: 'proxy-config',
  aliases: ['pc'],
  short: 'What a proxy was told to do: listeners, routes, clusters, endpoints [kube only]',
  examples: `  # Where the product page's proxy sends requests for reviews
  istioctl proxy-config routes deploy/productpage-v1 --name 9080
  istioctl proxy-config endpoints deploy/productpage-v1 --cluster "outbound|9080||reviews.default.svc.cluster.local"`,
  commands: [
    command('all', 'Everything at once', all, {
      aliases: ['a'],
      flags: [
        FILE,
        VERBOSE,
        ...CLUSTER_FLAGS,
        ...LISTENER_FLAGS,
        ROUTE_NAME,
        number('port', 'Filter clusters and listeners by Port field'),
        { name: 'with-headers', type: 'boolean', usage: 'Print summary with headers' },
      ],
    }),
    command('bootstrap', 'What the proxy was started with', bootstrap, {
      aliases: ['b'],
      flags: [FILE],
      output: 'json',
    }),
    command('cluster', 'Where requests can go', cluster, {
      aliases: ['clusters', 'c'],
      flags: [FILE, ...CLUSTER_FLAGS, number('port', 'Filter clusters by Port field')],
    }),
    command('ecds', 'Extensions that istiod sends apart from listeners', ecds, {
      aliases: ['ec'],
      flags: [FILE],
    }),
    command('eds', 'Endpoints as istiod sent them', eds, {
      isHidden: true,
      flags: [FILE, ...ENDPOINT_FLAGS],
    }),
    command('endpoint', 'Addresses behind each cluster, and whether they are well', endpoint, {
      aliases: ['endpoints', 'ep'],
      flags: [FILE, ...ENDPOINT_FLAGS],
    }),
    command('listener', 'What the proxy listens on, and where each connection goes', listener, {
      aliases: ['listeners', 'l'],
      flags: [FILE, VERBOSE, ...LISTENER_FLAGS, number('port', 'Filter listeners by Port field')],
    }),
    command('log', 'Log levels of the proxy, shown or changed', log, {
      aliases: ['o'],
      flags: [
        text(
          'level',
          'New level of all loggers, or `logger:level,…` of some: trace, debug, info, warning, error, critical, off',
        ),
        {
          name: 'reset',
          short: 'r',
          type: 'boolean',
          usage: 'Reset levels to default value (warning).',
        },
        text('selector', 'Label selector', 'l'),
      ],
    }),
    {
      ...command('rootca-compare', 'Whether two proxies trust the same root', compareRoots, {
        aliases: ['rc'],
        flags: [],
      }),
      use: '[pod/]<name-1>[.<namespace-1>] [pod/]<name-2>[.<namespace-2>] [flags]',
    },
    command('route', 'How requests are matched', route, {
      aliases: ['routes', 'r'],
      flags: [FILE, VERBOSE, ROUTE_NAME],
    }),
    command('secret', 'Certificates the proxy holds', secret, {
      aliases: ['secrets', 's'],
      flags: [FILE],
    }),
  ],
};

interface CommandOptions {
  readonly aliases?: readonly string[];
  readonly flags: readonly Flag[];
  readonly isHidden?: boolean;
  /** The format unless `-o` says another; left out: short. */
  readonly output?: string;
}

function command(
  name: string,
  short: string,
  run: NonNullable<Command['run']>,
  options: CommandOptions,
): Command {
  const { aliases, flags, isHidden, output } = options;
  const format = output === undefined ? OUTPUT : { ...OUTPUT, default: output };
  return {
    name,
    short,
    use: USE,
    run,
    flags: [...flags, format, ADMIN_PORT_FLAG],
    ...(aliases && { aliases }),
    ...(isHidden !== undefined && { isHidden }),
  };
}

function clusterFilter({ flags }: Invocation): ClusterFilter {
  return {
    direction: flags.text('direction'),
    fqdn: flags.text('fqdn'),
    port: Number(flags.text('port')),
    subset: flags.text('subset'),
  };
}

function listenerFilter({ flags }: Invocation): ListenerFilter {
  return {
    address: flags.text('address'),
    port: Number(flags.text('port')),
    type: flags.text('type'),
  };
}

function endpointFilter({ flags }: Invocation): EndpointFilter {
  return {
    address: flags.text('address'),
    cluster: flags.text('cluster'),
    port: Number(flags.text('port')),
    status: flags.text('status'),
  };
}

async function dumpOf(invocation: Invocation, title: string, path = 'config_dump') {
  return parsed(await adminText(invocation, { title, path }));
}

async function cluster(invocation: Invocation): Promise<number> {
  const part = partOf(await dumpOf(invocation, 'cluster'), 'Clusters');
  const clusters = clustersOf(part, clusterFilter(invocation));
  return print(invocation, {
    short: () => clusterTable(clusters),
    data: () => clusters.map(protoJson),
  });
}

async function listener(invocation: Invocation): Promise<number> {
  const part = partOf(await dumpOf(invocation, 'listener'), 'Listeners');
  const listeners = listenersOf(part, listenerFilter(invocation));
  return print(invocation, {
    short: () => listenerTable(listeners, { isVerbose: invocation.flags.isOn('verbose') }),
    data: () => listeners.map(protoJson),
  });
}

async function route(invocation: Invocation): Promise<number> {
  const { flags } = invocation;
  const routes = routesOf(partOf(await dumpOf(invocation, 'route'), 'Routes'), flags.text('name'));
  return print(invocation, {
    short: () => routeTable(routes, { isVerbose: flags.isOn('verbose') }),
    data: () => routes.map(protoJson),
  });
}

async function endpoint(invocation: Invocation): Promise<number> {
  const page = await dumpOf(invocation, 'endpoints', 'clusters?format=json');
  const filter = endpointFilter(invocation);
  return print(invocation, {
    short: () => endpointTable(page, filter),
    data: () => endpointClusters(page, filter).map(protoJson),
  });
}

async function eds(invocation: Invocation): Promise<number> {
  const part = partOf(await dumpOf(invocation, 'eds', WITH_ENDPOINTS), 'Endpoints');
  const assignments = assignmentsOf(part, endpointFilter(invocation));
  return print(invocation, {
    short: () => assignmentTable(assignments),
    data: () => assignments.map(protoJson),
  });
}

async function ecds(invocation: Invocation): Promise<number> {
  const part = findPart(await dumpOf(invocation, 'ecds', WITH_ENDPOINTS), 'Ecds');
  if (!part)
    throw new CommandError('config dump has no configuration type envoy.admin.v3.EcdsConfigDump');
  return print(invocation, { short: () => extensionTable(part), data: () => protoJson(part) });
}

async function secret(invocation: Invocation): Promise<number> {
  const part = partOf(await dumpOf(invocation, 'secret'), 'Secrets');
  return print(invocation, {
    short: () => secretTable(part, invocation.context.now()),
    data: () => protoJson(part),
  });
}

async function bootstrap(invocation: Invocation): Promise<number> {
  const part = partOf(await dumpOf(invocation, 'bootstrap'), 'Bootstrap');
  return print(invocation, { short: () => bootstrapSummary(part), data: () => protoJson(part) });
}

async function all(invocation: Invocation): Promise<number> {
  const { context, flags } = invocation;
  const page = await adminText(invocation, { title: 'all', path: WITH_ENDPOINTS });
  const format = flags.text('output');
  if (format === 'json' || format === 'yaml') {
    const shown = format === 'json' ? page.trimEnd() : await toYaml([parsed(page)]);
    context.terminal.stdout(`${shown}\n`);
    return EXIT.done;
  }
  return print(invocation, { short: () => summary(invocation, page), data: () => ({}) });
}

/** Every table, each with a heading if `--with-headers` asks for it. */
function summary(invocation: Invocation, page: string): string {
  const { context, flags } = invocation;
  const dump = parsed(page);
  const look = { isVerbose: flags.isOn('verbose'), isTyped: true };
  const tables = {
    BOOTSTRAP: bootstrapSummary(partOf(dump, 'Bootstrap')),
    CLUSTER: clusterTable(clustersOf(partOf(dump, 'Clusters'), clusterFilter(invocation)), true),
    LISTENER: listenerTable(
      listenersOf(partOf(dump, 'Listeners'), listenerFilter(invocation)),
      look,
    ),
    ROUTE: routeTable(routesOf(partOf(dump, 'Routes'), flags.text('name')), look),
    SECRET: secretTable(partOf(dump, 'Secrets'), context.now(), true),
    ENDPOINTS: assignmentTable(
      assignmentsOf(partOf(dump, 'Endpoints'), {
        ...endpointFilter(invocation),
        cluster: '',
        status: '',
      }),
      true,
    ),
  };
  return Object.entries(tables)
    .map(
      ([title, shown]) =>
        `${flags.isOn('with-headers') ? `------ ${title} INFO ------\n\n` : ''}${shown}`,
    )
    .join('\n');
}

async function compareRoots(invocation: Invocation): Promise<number> {
  const { args, context } = invocation;
  const [one, other] = args;
  if (one === undefined || other === undefined || args.length > 2) {
    throw new WrongArguments('rootca-compare requires 2 pods as an argument');
  }
  const first = await rootsOf(invocation, one);
  const second = await rootsOf(invocation, other);
  const both = `Both [${first.name}] and [${second.name}] have the`;
  if (!first.roots.some((root) => second.roots.includes(root))) {
    throw new CommandError(
      `${both} non identical ROOTCA, theoretically the connectivity between them is unavailable`,
    );
  }
  context.terminal.stderr(
    `${both} identical ROOTCA, theoretically the connectivity between them is available\n`,
  );
  return EXIT.done;
}

async function rootsOf(invocation: Invocation, argument: string) {
  const proxy = await namedProxy(invocation, argument);
  const dump = await configDump(invocation, proxy);
  const name = `${proxy.name}.${proxy.namespace}`;
  return { name, roots: rootFingerprints(partOf(dump, 'Secrets')) };
}
