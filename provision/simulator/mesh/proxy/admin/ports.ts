import { isObject, jsonIn, objectAt, stringAt } from '../../../kinds/json.ts';
import {
  type HttpHandler,
  HttpHeaders,
  type HttpRequest,
  type HttpResponse,
} from '../../../net/http.ts';
import { NetworkError } from '../../../net/network.ts';
import type { ContainerContext } from '../../../programs/program.ts';
import { answer } from './answer.ts';
import { serveEnvoyPage } from './envoy-pages.ts';
import { METRICS_TYPE, prometheusPage } from './metrics-page.ts';
import { PROXY_PORTS } from './proxy-ports.ts';
import type { AdminSubject } from './subject.ts';

/** Opens the proxy's own ports: health, metrics, Envoy's admin interface, probes on the application's behalf. */
export function openAdminPorts(subject: AdminSubject): Disposable {
  const stack = new DisposableStack();
  const open = (port: number, handle: HttpHandler) => {
    stack.use(subject.container.network.listen(port, { type: 'http', handle }));
  };
  open(PROXY_PORTS.health, async () => answer(subject.configuration() ? 200 : 503, ''));
  open(PROXY_PORTS.merged, (request) => serveAgent(subject, request));
  open(PROXY_PORTS.prometheus, async ({ path }) =>
    isMetricsPath(path) ? answer(200, prometheusPage(subject), METRICS_TYPE) : answer(404, ''),
  );
  open(PROXY_PORTS.admin, async (request) => serveEnvoyPage(subject, request));
  return stack;
}

/** pilot-agent: Envoy's metrics with the application's own, and its probes. */
async function serveAgent(subject: AdminSubject, { path }: HttpRequest): Promise<HttpResponse> {
  if (path.startsWith('/app-health/')) return probe(subject.container, path);
  if (path === '/healthz/ready') return answer(subject.configuration() ? 200 : 503, '');
  if (!isMetricsPath(path)) return answer(404, '');
  const page = `${agentMetrics(subject)}${prometheusPage(subject)}`;
  return answer(200, `${page}${await applicationMetrics(subject.container)}`, METRICS_TYPE);
}

/** What pilot-agent says of itself. */
function agentMetrics({ startedMs }: AdminSubject): string {
  const name = 'istio_agent_process_start_time_seconds';
  return `# HELP ${name} Start time of the process since unix epoch in seconds.\n# TYPE ${name} gauge\n${name} ${startedMs / 1_000}\n`;
}

/** The application's metrics, where its annotations for Prometheus say that it has some; nothing while it does not answer. */
async function applicationMetrics(container: ContainerContext): Promise<string> {
  // Written by hand and broken: as if it were not there.
  const own = jsonIn(container.env['ISTIO_PROMETHEUS_ANNOTATIONS'] ?? '');
  if (!isObject(own) || stringAt(own, 'scrape') === 'false') return '';
  const port = Number(stringAt(own, 'port') || DEFAULT_METRICS_PORT);
  const response = await local(container, port, stringAt(own, 'path') || '/metrics');
  return response?.status === 200 ? Buffer.from(response.body).toString('utf8') : '';
}

const DEFAULT_METRICS_PORT = 80;

/** Asks the application what the kubelet wanted to ask it before injection put the agent between them. */
async function probe(container: ContainerContext, path: string): Promise<HttpResponse> {
  const probers = jsonIn(container.env['ISTIO_KUBE_APP_PROBERS'] ?? '');
  const { httpGet, tcpSocket } = objectAt(probers, path);
  const subject = httpGet ?? tcpSocket;
  if (!isObject(subject)) return answer(404, '');
  const port = Number(subject['port'] ?? 0);
  if (subject !== httpGet) return answer(container.network.listenerOn(port) ? 200 : 500, '');
  const response = await local(container, port, stringAt(httpGet, 'path') || '/');
  return answer(response?.status ?? 500, '');
}

async function local(
  { network }: ContainerContext,
  port: number,
  path: string,
): Promise<HttpResponse | undefined> {
  try {
    return await network.request(
      { host: '127.0.0.1', port },
      {
        method: 'GET',
        path,
        authority: `127.0.0.1:${port}`,
        headers: new HttpHeaders(),
        body: new Uint8Array(),
      },
    );
  } catch (error) {
    if (error instanceof NetworkError) return undefined;
    throw error;
  }
}

function isMetricsPath(path: string): boolean {
  return path.split('?')[0] === '/stats/prometheus';
}
