import { randomUUID } from 'node:crypto';

import {
  type HttpHandler,
  HttpHeaders,
  type HttpRequest,
  type HttpResponse,
} from '../../net/http.ts';
import type { CallerIdentity, WorkloadMetadata } from '../../net/network.ts';
import type { ContainerContext } from '../../programs/program.ts';
import { workloadOf } from '../pilot/snapshot.ts';
import { Balancer } from './balancer.ts';
import { ControlPlane } from './control-plane.ts';
import { type AccessLogEntry, formatAccessLog } from './telemetry/access-log.ts';
import { RequestMetrics } from './telemetry/metrics.ts';
import { Upstream } from './upstream.ts';

/** Ports of a proxy that its own traffic rules never touch. */
export const PROXY_PORTS = {
  admin: 15_000,
  merged: 15_020,
  health: 15_021,
  prometheus: 15_090,
} as const;

/** What sidecars and gateways share: identity, the line to istiod, upstream, telemetry, the admin ports. */
export class ProxyBase implements Disposable {
  readonly workload: WorkloadMetadata;
  readonly caller: CallerIdentity;
  readonly upstream: Upstream;
  readonly metrics = new RequestMetrics();
  readonly container: ContainerContext;
  readonly #controlPlane: ControlPlane;
  readonly #stack = new DisposableStack();

  constructor(container: ContainerContext, onSnapshot: () => void) {
    const { network, clock, random, pod, env } = container;
    this.container = container;
    this.workload = workloadOf(pod);
    this.caller = {
      identity: `spiffe://cluster.local/ns/${this.workload.namespace}/sa/${this.workload.serviceAccount}`,
      workload: this.workload,
    };
    this.upstream = new Upstream({
      network,
      clock,
      balancer: new Balancer(random),
      caller: this.caller,
    });
    this.#openAdminPorts();
    this.#controlPlane = this.#stack.use(
      new ControlPlane({
        network,
        clock,
        address: env['CA_ADDR'] ?? 'istiod.istio-system.svc:15012',
        // The first word may come from within the constructor of the line itself.
        onSnapshot: () => queueMicrotask(onSnapshot),
      }),
    );
  }

  get snapshot() {
    return this.#controlPlane.snapshot;
  }

  /** Writes the access log where the mesh wants one. */
  log(entry: AccessLogEntry): void {
    if (this.snapshot?.accessLogFile === '/dev/stdout') this.container.log(formatAccessLog(entry));
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  #openAdminPorts(): void {
    const open = (port: number, handle: HttpHandler) => {
      this.#stack.use(this.container.network.listen(port, { type: 'http', handle }));
    };
    open(PROXY_PORTS.health, async () => (this.snapshot ? answer(200, '') : answer(503, '')));
    open(PROXY_PORTS.merged, async ({ path }) => this.#prometheus(path));
    open(PROXY_PORTS.prometheus, async ({ path }) => this.#prometheus(path));
    open(PROXY_PORTS.admin, async (request) => this.#admin(request));
  }

  #prometheus(path: string): HttpResponse {
    if (!path.startsWith('/stats/prometheus')) return answer(404, '');
    return answer(
      200,
      `# TYPE istio_build gauge\nistio_build{component="proxy",tag="1.30.3"} 1\n${this.metrics.expose()}`,
    );
  }

  #admin({ path }: HttpRequest): HttpResponse {
    if (path.startsWith('/stats/prometheus')) return this.#prometheus(path);
    if (path === '/ready')
      return this.snapshot ? answer(200, 'LIVE\n') : answer(503, 'PRE_INITIALIZING\n');
    if (path === '/server_info') {
      const info = {
        version: 'simulated/1.30.3',
        state: this.snapshot ? 'LIVE' : 'PRE_INITIALIZING',
      };
      return answer(200, `${JSON.stringify(info, undefined, 1)}\n`);
    }
    return answer(
      501,
      `The simulated proxy does not answer ${path}: it has /stats/prometheus, /ready and /server_info\n`,
    );
  }
}

/** Headers that every request has once it has passed a proxy. */
export function withProxyHeaders(request: HttpRequest): HttpRequest {
  const headers = request.headers.clone();
  if (!headers.has('x-request-id')) headers.set('x-request-id', randomUUID());
  if (!headers.has('x-forwarded-proto')) headers.set('x-forwarded-proto', 'http');
  return { ...request, headers };
}

function answer(status: number, body: string): HttpResponse {
  const bytes = Buffer.from(body);
  const headers = new HttpHeaders([
    ['content-type', 'text/plain; charset=UTF-8'],
    ['content-length', String(bytes.length)],
  ]);
  return { status, headers, body: bytes };
}
