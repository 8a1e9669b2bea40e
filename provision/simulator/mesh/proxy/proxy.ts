import { setImmediate } from 'node:timers/promises';

import { objectAt, stringAt } from '../../kinds/json.ts';
import type { HttpRequest, HttpResponse, Peer } from '../../net/http.ts';
import { type CallerIdentity, NetworkError, type WorkloadMetadata } from '../../net/network.ts';
import type { ContainerContext } from '../../programs/program.ts';
import { nodeOf, type ProxyNode } from '../pilot/node.ts';
import type { ProxyConfiguration } from '../pilot/push/proxy-configuration.ts';
import { workloadOf } from '../pilot/registry/workload.ts';
import type { Cluster } from '../xds/cluster.ts';
import type { HttpConnectionManager } from '../xds/listener.ts';
import type { ProxySecret } from './admin/config-dump/secrets.ts';
import { Loggers } from './admin/loggers.ts';
import { openAdminPorts } from './admin/ports.ts';
import { ControlPlane } from './control-plane.ts';
import {
  clientGone,
  headersTooLarge,
  noRoute,
  overloaded,
  type ProxyAnswer,
  withFlag,
} from './http/answers.ts';
import { ConnectionManager } from './http/connection-manager.ts';
import { forwarded } from './http/forwarded.ts';
import { normalizePath } from './http/normalize-path.ts';
import { peerMetadata } from './http/peer-metadata.ts';
import { type Downstream, type HttpStream, newStream } from './http/stream.ts';
import { whileWanted } from './http/while-wanted.ts';
import { HEADER_BYTES, HEADER_COUNT, OPEN_REQUESTS, STACKED_REQUESTS } from './limits.ts';
import { type ShownCertificate, WorkloadCertificate } from './security/workload-certificate.ts';
import { WorkloadIdentity } from './security/workload-identity.ts';
import { StreamListener } from './tcp/stream-listener.ts';
import { TcpProxies } from './tcp/tcp-proxy.ts';
import { Reporter } from './telemetry/reporter.ts';
import type { MaterialSource } from './tls/material.ts';
import { Upstream } from './upstream/upstream.ts';

/**
 * What sidecars and gateways share: identity, the line to istiod, the way of a request from its listener to the upstream and back,
 * telemetry, the admin ports.
 */
export class Proxy implements Disposable {
  readonly node: ProxyNode;
  readonly workload: WorkloadMetadata;
  readonly upstream: Upstream;
  /** Connections whose bytes are handed on as they are. */
  readonly tcp: TcpProxies;
  /** Takes byte streams through a listener. */
  readonly streams: StreamListener;
  /** How much goes to the proxy's log. */
  readonly loggers = new Loggers();
  readonly #identity: WorkloadIdentity;
  readonly #certificate: WorkloadCertificate;
  #caller: CallerIdentity = {};
  readonly #reporter: Reporter;
  readonly #manager: ConnectionManager;
  readonly #container: ContainerContext;
  readonly #controlPlane: ControlPlane;
  readonly #stack = new DisposableStack();
  /** Requests under way. */
  #open = 0;

  constructor(container: ContainerContext, type: ProxyNode['type'], onConfiguration: () => void) {
    const { network, clock, random, pod, env } = container;
    this.#container = container;
    this.node = nodeOf(pod, type, network.ip, env['ISTIO_META_DNS_CAPTURE'] === 'true');
    const identity = new WorkloadIdentity(workloadOf(pod));
    this.#identity = identity;
    this.workload = identity.workload;
    const certificate = new WorkloadCertificate(identity, clock.now());
    this.#certificate = certificate;
    const caller = () => this.caller;
    const material: MaterialSource = {
      secret: (namespace, name) => this.configuration?.mesh.secret(namespace, name),
      readFile: container.readFile,
    };
    this.upstream = new Upstream({
      network,
      clock,
      random,
      caller,
      material,
      standpoint: () => ({
        locality: this.configuration?.mesh.localityOf?.(network.ip),
        labels: this.node.labels,
      }),
      introduction: (cluster) => this.#introductionTo(cluster),
    });
    this.tcp = new TcpProxies({
      network,
      clock,
      random,
      upstream: this.upstream,
      caller,
      material,
      count: (statistic) => this.#reporter.statistics.count(statistic),
      observer: {
        opened: (record) => this.#reporter.opened(record, this.configuration),
        ended: (record) => this.#reporter.ended(record, this.configuration),
      },
    });
    this.streams = new StreamListener({
      tcp: this.tcp,
      material,
      namespace: network.namespace,
      certificate: () => this.certificate(),
      refused: (peer, destination) => this.logRefused(peer, destination),
      answer: (manager, downstream) => (request) => {
        const { peer } = downstream;
        const isOwn = manager.direction === 'OUTBOUND' && !manager.isEdge;
        const known = isOwn ? { ...downstream, peer: { ...peer, ...this.caller } } : downstream;
        return this.serve(manager, request, known);
      },
    });
    this.#reporter = this.#stack.use(new Reporter(container, this.node, this.workload));
    this.#manager = new ConnectionManager({
      clock,
      random,
      node: this.node,
      log: container.log,
      count: (statistic) => this.#reporter.statistics.count(statistic),
      kept: new Map(),
      writes: (logger, level) => this.loggers.writes(logger, level),
    });
    const discoveryAddress = env['CA_ADDR'] ?? 'istiod.istio-system.svc:15012';
    this.#stack.use(
      openAdminPorts({
        container,
        node: this.node,
        workload: this.workload,
        discoveryAddress,
        startedMs: clock.now(),
        reporter: this.#reporter,
        upstream: this.upstream,
        loggers: this.loggers,
        configuration: () => this.configuration,
        secrets: () => proxySecrets(this.certificate()),
      }),
    );
    this.#controlPlane = this.#stack.use(
      new ControlPlane({
        network,
        clock,
        address: discoveryAddress,
        node: this.node,
        // The first word may come from within the constructor of the line itself.
        onConfiguration: () => {
          queueMicrotask(() => {
            const mesh = this.configuration?.mesh;
            identity.sign(mesh?.config.trustDomain);
            certificate.trust(mesh?.authority?.());
            onConfiguration();
          });
        },
      }),
    );
  }

  /** What other proxies learn of this one. Each request takes a copy along, which a plain object makes cheap. */
  get caller(): CallerIdentity {
    const identity = this.#identity.name;
    const certificateHash = this.#certificate.hash;
    if (this.#caller.identity !== identity || this.#caller.certificateHash !== certificateHash) {
      this.#caller = { identity, workload: this.workload, certificateHash };
    }
    return this.#caller;
  }

  /** As istiod last sent it; undefined before the first word. */
  get configuration(): ProxyConfiguration | undefined {
    return this.#controlPlane.configuration;
  }

  /**
   * Takes a request through a listener's filters to the router and its answer back, and reports what became of it.
   * @throws NetworkError when the caller has gone
   */
  async serve(
    manager: HttpConnectionManager,
    original: HttpRequest,
    downstream: Downstream,
  ): Promise<HttpResponse> {
    const { clock } = this.#container;
    const { configuration } = this;
    const mode = configuration?.mesh.config.pathNormalization ?? 'DEFAULT';
    const normalized = { ...original, path: normalizePath(original.path, mode) };
    const request = forwarded(normalized, manager, downstream, this.#identity.name);
    const stream = newStream(manager, request, { ...downstream, startMs: clock.now() });
    if (configuration) this.#reporter.begin(stream, configuration);
    const answer = configuration ? await this.#untilAnswered(stream, configuration) : noRoute();
    if (configuration) {
      const durationMs = clock.now() - stream.startMs;
      this.#reporter.report({ stream, answer, durationMs }, configuration);
    }
    return this.#finish(stream, answer);
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  /** The certificate of the workload, made when it is first asked for; undefined before istiod has said who signs. */
  certificate(): ShownCertificate | undefined {
    const authority = this.configuration?.mesh.authority?.();
    return this.#certificate.show(this.#container.clock.now(), authority);
  }

  /** Tells of a connection that no chain of the listener is for: plain text where mutual TLS is wanted. */
  logRefused(peer: Peer, destination: Peer): void {
    this.#reporter.refused(peer, destination, this.configuration);
  }

  /** What those outside the mesh are told, unless the mesh keeps it to itself (metadataExchangeHeaders IN_MESH). */
  #introductionTo({ isExternal, host }: Cluster): ReadonlyMap<string, string> {
    const defaults = objectAt(this.configuration?.mesh.config.written, 'defaultConfig');
    const mode = stringAt(defaults, 'proxyHeaders', 'metadataExchangeHeaders', 'mode');
    if (mode === 'IN_MESH' && (isExternal || host === '')) return NO_HEADERS;
    this.#metadata ??= peerMetadata(this.node, this.workload);
    return this.#metadata;
  }

  #metadata: ReadonlyMap<string, string> | undefined;

  /** The answer, or that its caller has gone in the meantime (status 0, flag DC). */
  async #untilAnswered(
    stream: HttpStream,
    configuration: ProxyConfiguration,
  ): Promise<ProxyAnswer> {
    const { clock, random } = this.#container;
    const { signal } = stream.request;
    if (this.#open >= OPEN_REQUESTS) return overloaded();
    if (!fits(stream.request)) return headersTooLarge();
    this.#open++;
    // Requests that lead to requests are calls within calls: from time to time the stack is let go, and others get their turn.
    if (this.#open % STACKED_REQUESTS === 0) await setImmediate();
    const context = { configuration, upstream: this.upstream, clock, random };
    try {
      return await whileWanted(signal, this.#manager.handle(stream, context));
    } catch (error) {
      if (!signal?.aborted) throw error;
      return stream.isDelayed ? withFlag(clientGone(), 'DI') : clientGone();
    } finally {
      this.#open--;
    }
  }

  /** The answer with the headers that Envoy gives every answer. */
  #finish({ manager, upstreamMs }: HttpStream, { response }: ProxyAnswer): HttpResponse {
    if (response.status === 0) {
      throw new NetworkError('ECONNRESET', 'The caller has gone away');
    }
    const { headers } = response;
    const isClientSide = manager.direction === 'OUTBOUND' && !manager.isEdge;
    headers.set('server', isClientSide ? 'envoy' : 'istio-envoy');
    if (!headers.has('date')) headers.set('date', this.#date());
    if (upstreamMs !== undefined) {
      headers.set('x-envoy-upstream-service-time', String(Math.round(upstreamMs)));
    }
    return response;
  }

  #dateOf: { readonly second: number; readonly text: string } | undefined;

  #date(): string {
    const second = Math.floor(this.#container.clock.now() / 1_000);
    if (this.#dateOf?.second !== second) {
      this.#dateOf = { second, text: new Date(second * 1_000).toUTCString() };
    }
    return this.#dateOf.text;
  }
}

function proxySecrets(shown: ShownCertificate | undefined): readonly ProxySecret[] {
  if (!shown) return [];
  return [
    { name: 'default', type: 'certificate', chainPem: shown.chain },
    { name: 'ROOTCA', type: 'roots', pem: shown.root },
  ];
}

const NO_HEADERS: ReadonlyMap<string, string> = new Map();

/** Whether Envoy takes so many and so long headers. */
function fits({ headers, path, authority }: HttpRequest): boolean {
  const { count, characters } = headers.measure();
  return path.length + authority.length + characters <= HEADER_BYTES && count <= HEADER_COUNT;
}
