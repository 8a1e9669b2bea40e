import { listAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import type { HttpRequest, HttpResponse } from '../../../net/http.ts';
import { compilePattern, patternProblem } from '../../../pattern.ts';
import { ISTIO_VERSION } from '../../../versions.ts';
import { answer, json } from './answer.ts';
import { type ClusterStatus, clustersJson, clustersText } from './cluster-page.ts';
import { configDump } from './config-dump/dump.ts';
import { METRICS_TYPE, prometheusPage } from './metrics-page.ts';
import { PROXY_PORTS } from './proxy-ports.ts';
import { stats } from './stats-page.ts';
import type { AdminSubject } from './subject.ts';

type Page = (subject: AdminSubject, query: URLSearchParams) => HttpResponse;

/** Envoy's admin pages (https://www.envoyproxy.io/docs/envoy/latest/operations/admin), and what each is for. */
const PAGES: Readonly<Record<string, { readonly help: string; readonly get: Page }>> = {
  '/certs': { help: 'print certs on machine', get: certs },
  '/clusters': { help: 'upstream cluster status', get: clusters },
  '/config_dump': { help: 'dump current Envoy configs (experimental)', get: dump },
  '/help': { help: 'print out list of admin commands', get: () => answer(200, help()) },
  '/listeners': { help: 'print listener info', get: listeners },
  '/logging': {
    help: 'query/change logging levels',
    get: ({ loggers }) => answer(200, String(loggers)),
  },
  '/ready': { help: 'print server state, return 200 if LIVE, otherwise return 503', get: ready },
  '/server_info': { help: 'print server version/status information', get: serverInfo },
  '/stats': { help: 'print server stats', get: stats },
  '/stats/prometheus': { help: 'print server stats in prometheus format', get: prometheus },
};

/** Commands that change something, which Envoy takes as POST alone. */
const COMMANDS: Readonly<Record<string, { readonly help: string; readonly post: Page }>> = {
  '/logging': { help: 'query/change logging levels', post: logging },
  '/reset_counters': { help: 'reset all counters to zero', post: resetCounters },
  '/drain_listeners': { help: 'drain listeners', post: refuseToDrain },
};

/** Answers a request to the admin port. */
export function serveEnvoyPage(subject: AdminSubject, request: HttpRequest): HttpResponse {
  const url = new URL(request.path, 'http://localhost');
  const path = url.pathname === '/' ? '/help' : url.pathname;
  const command = COMMANDS[path];
  if (command && request.method === 'POST') return command.post(subject, url.searchParams);
  const page = PAGES[path];
  if (page) return page.get(subject, url.searchParams);
  if (command) return answer(405, `Method ${request.method} not allowed, POST required.`);
  return answer(404, `invalid path. admin commands are:\n${helpLines()}`);
}

function help(): string {
  return `admin commands are:\n${helpLines()}`;
}

function helpLines(): string {
  return Object.entries({ ...PAGES, ...COMMANDS })
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([path, { help: text }]) => `  ${path}: ${text}\n`)
    .join('');
}

function ready({ configuration }: AdminSubject): HttpResponse {
  return configuration() ? answer(200, 'LIVE\n') : answer(503, 'PRE_INITIALIZING\n');
}

function serverInfo({ configuration, container, node, startedMs }: AdminSubject): HttpResponse {
  const seconds = Math.floor((container.clock.now() - startedMs) / 1_000);
  return json({
    version: `${ISTIO_VERSION}-regatta-simulated/Clean/RELEASE/BoringSSL`,
    state: configuration() ? 'LIVE' : 'PRE_INITIALIZING',
    hot_restart_version: 'disabled',
    command_line_options: { concurrency: 2, service_node: node.name, mode: 'Serve' },
    node: { id: `${node.type}~${node.ip}~${node.name}.${node.namespace}` },
    uptime_current_epoch: `${seconds}s`,
    uptime_all_epochs: `${seconds}s`,
  });
}

function clusters(subject: AdminSubject, query: URLSearchParams): HttpResponse {
  const { configuration, upstream } = subject;
  const statuses = (configuration()?.clusters() ?? []).map((cluster): ClusterStatus => ({
    cluster,
    hosts: upstream.endpoints(cluster).map((endpoint) => ({
      endpoint,
      isEjected: !upstream.isHealthy(cluster, endpoint),
    })),
  }));
  return query.get('format') === 'json'
    ? json(clustersJson(statuses))
    : answer(200, clustersText(statuses));
}

function listeners({ configuration }: AdminSubject, query: URLSearchParams): HttpResponse {
  const own = [
    { name: 'envoy_prometheus', address: '0.0.0.0', port: PROXY_PORTS.prometheus },
    { name: 'envoy_health', address: '0.0.0.0', port: PROXY_PORTS.health },
  ];
  const all = [...(configuration()?.listeners ?? []), ...own];
  if (query.get('format') === 'json') {
    return json({
      listener_statuses: all.map(({ name, address, port }) => ({
        name,
        local_address: { socket_address: { address, port_value: port } },
      })),
    });
  }
  return answer(
    200,
    all.map(({ name, address, port }) => `${name}::${address}:${port}\n`).join(''),
  );
}

function dump(subject: AdminSubject, query: URLSearchParams): HttpResponse {
  const whole = configDump({
    configuration: subject.configuration(),
    bootstrap: {
      node: subject.node,
      workload: subject.workload.workload,
      discoveryAddress: subject.discoveryAddress,
    },
    secrets: subject.secrets(),
    updated: new Date(subject.startedMs).toISOString(),
    includesEndpoints: query.has('include_eds'),
  });
  const resource = query.get('resource');
  const pattern = query.get('name_regex');
  if (resource === null && pattern === null) return json(whole);
  if (pattern !== null && patternProblem(pattern) !== undefined) {
    return answer(400, `Error while parsing name_regex from ${pattern}\n`);
  }
  const parts = listAt(whole, 'configs');
  const entries = parts.flatMap((part) => (resource === null ? [] : listAt(part, resource)));
  if (resource !== null && entries.length === 0)
    return answer(404, `${resource} not found in config dump\n`);
  if (pattern === null) return json({ configs: entries });
  const { isWhole } = compilePattern(pattern);
  return json({
    configs: (resource === null ? parts : entries).filter((entry) => namesIn(entry).some(isWhole)),
  });
}

/** Names of a resource, wherever its entry has them. */
function namesIn(entry: unknown): readonly string[] {
  return [...JSON.stringify(entry).matchAll(/"name":"([^"]*)"/g)].map(([, name = '']) => name);
}

function certs({ secrets }: AdminSubject): HttpResponse {
  const list: readonly JsonObject[] = secrets().map((secret) => ({
    ca_cert: secret.type === 'roots' ? [{ path: `<inline: ${secret.name}>` }] : [],
    cert_chain: secret.type === 'certificate' ? [{ path: `<inline: ${secret.name}>` }] : [],
  }));
  return json({ certificates: list });
}

function prometheus(subject: AdminSubject): HttpResponse {
  return answer(200, prometheusPage(subject), METRICS_TYPE);
}

function logging({ loggers }: AdminSubject, query: URLSearchParams): HttpResponse {
  if (loggers.set(query)) return answer(200, String(loggers));
  return answer(
    400,
    'usage: /logging?<name>=<level> (change single level)\nusage: /logging?level=<level> (change all levels)\n',
  );
}

function resetCounters({ upstream, reporter }: AdminSubject): HttpResponse {
  upstream.resetStatistics();
  reporter.reset();
  return answer(200, 'OK\n');
}

function refuseToDrain(): HttpResponse {
  return answer(
    501,
    'The Regatta simulator does not drain listeners: scale the Deployment to 0 to take its endpoints away\n',
  );
}
