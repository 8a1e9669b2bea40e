import type { ContainerContext } from '../../../../programs/program.ts';
import type { ProxyConfiguration } from '../../../pilot/push/proxy-configuration.ts';
import { type TracingConfig, tracingOf } from '../../../pilot/push/telemetry/tracing.ts';
import type { Direction } from '../../../xds/listener.ts';
import type { FinishedStream, HttpStream } from '../../http/stream.ts';
import type { LogEntry } from '../log-entry.ts';
import { decideSampling } from './sampling.ts';
import { SpanReporter } from './span-reporter.ts';
import { type SpanOwner, tagsOf } from './span.ts';
import { readContext, type TraceContext, writeContext } from './trace-context.ts';

/** What a request's spans will be; kept in its stream. */
class Trace {
  readonly config: TracingConfig;
  readonly context: TraceContext;
  /** A gateway's span of its request to the upstream. */
  upstream: TraceContext | undefined;
  /** What the client's proxy calls the operation. */
  operation: string | undefined;

  constructor(config: TracingConfig, context: TraceContext) {
    this.config = config;
    this.context = context;
  }
}

/** Makes one proxy's spans (https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/observability/tracing). */
export class Tracer implements Disposable {
  readonly #random: () => number;
  readonly #owner: SpanOwner;
  readonly #spans: SpanReporter;
  readonly #configs = new WeakMap<ProxyConfiguration, Map<Direction, TracingConfig | undefined>>();

  constructor({ network, clock, random }: ContainerContext, owner: SpanOwner) {
    const { app, namespace } = owner.workload;
    this.#random = random;
    this.#owner = owner;
    this.#spans = new SpanReporter({ network, clock, serviceName: `${app}.${namespace}` });
  }

  /** Decides whether a request is traced, and tells the next one in its headers; nothing without a provider. */
  begin(stream: HttpStream, configuration: ProxyConfiguration): void {
    const { direction, isEdge } = stream.manager;
    const config = this.#configFor(configuration, direction);
    if (!config) return;
    const { headers } = stream.request;
    const isDecided = decideSampling(headers, config, this.#random);
    const { type } = config.provider;
    const caller = readContext(headers, type);
    const context = {
      traceId: caller?.traceId ?? this.#newId(32),
      spanId: this.#newId(16),
      parentId: caller?.spanId,
      isSampled: caller?.isSampled ?? isDecided,
    };
    const trace = new Trace(config, context);
    trace.operation = headers.get('x-envoy-decorator-operation');
    if (isEdge) {
      trace.upstream = { ...context, spanId: this.#newId(16), parentId: context.spanId };
    }
    if (config.propagatesContext) writeContext(headers, trace.upstream ?? context, type);
    stream.trace = trace;
  }

  end(finished: FinishedStream, entry: () => LogEntry): void {
    const { stream, durationMs } = finished;
    const { trace, startMs } = stream;
    if (!(trace instanceof Trace) || !trace.context.isSampled || !trace.config.reportsSpans) return;
    const { config, context, upstream } = trace;
    const tags = tagsOf(finished, entry(), { config, owner: this.#owner });
    const times = { startMs, durationMs };
    const isServer = stream.manager.direction === 'INBOUND' || upstream !== undefined;
    const operation = trace.operation ?? (stream.route?.operation || stream.request.authority);
    const kind = isServer ? 'SERVER' : 'CLIENT';
    this.#spans.add({ context, operation, kind, tags, ...times }, config.provider);
    if (!upstream || !stream.endpoint) return;
    this.#spans.add(
      {
        context: upstream,
        operation: `router ${stream.clusterName}; egress`,
        kind: 'CLIENT',
        tags,
        ...times,
      },
      config.provider,
    );
  }

  [Symbol.dispose](): void {
    this.#spans[Symbol.dispose]();
  }

  #configFor(configuration: ProxyConfiguration, direction: Direction): TracingConfig | undefined {
    let known = this.#configs.get(configuration);
    if (!known) {
      known = new Map();
      this.#configs.set(configuration, known);
    }
    if (!known.has(direction)) known.set(direction, tracingOf(configuration, direction));
    return known.get(direction);
  }

  /** That many hexadecimal digits, the first not 0. */
  #newId(digits: number): string {
    let id = Math.floor(1 + this.#random() * 14.99).toString(16);
    while (id.length < digits) {
      id += Math.floor(this.#random() * 2 ** 28)
        .toString(16)
        .padStart(7, '0');
    }
    return id.slice(0, digits);
  }
}
