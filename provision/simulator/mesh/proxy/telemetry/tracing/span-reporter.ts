import type { Clock } from '../../../../clock.ts';
import { isSame } from '../../../../kinds/json.ts';
import type { Json } from '../../../../kinds/object.ts';
import { HttpHeaders } from '../../../../net/http.ts';
import { NetworkError, type NetworkInterface } from '../../../../net/network.ts';
import type { TracingProvider } from '../../../pilot/push/telemetry/tracing.ts';
import { BATCH_LIMIT_SPANS, FLUSH_MS } from '../limits.ts';
import { otlpSpans, zipkinSpans } from './span-formats.ts';
import { isSpanSink } from './span-sink.ts';
import type { Span } from './span.ts';

export interface SpanReporterOptions {
  readonly network: NetworkInterface;
  readonly clock: Clock;
  /** `reviews.default` */
  readonly serviceName: string;
}

/** Sends spans to their provider in batches, at the latest after FLUSH_MS; a timer runs only while there are some. */
export class SpanReporter implements Disposable {
  readonly #options: SpanReporterOptions;
  #spans: Span[] = [];
  #provider: TracingProvider | undefined;
  #timer: Disposable | undefined;

  constructor(options: SpanReporterOptions) {
    this.#options = options;
  }

  add(span: Span, provider: TracingProvider): void {
    if (this.#provider && !isSame(this.#provider, provider)) this.#flush();
    this.#provider = provider;
    this.#spans.push(span);
    if (this.#spans.length >= BATCH_LIMIT_SPANS) this.#flush();
    else this.#timer ??= this.#options.clock.after(FLUSH_MS, () => this.#flush());
  }

  /** Spans that have not been sent are lost, as with a proxy that is stopped. */
  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#spans = [];
  }

  #flush(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const spans = this.#spans;
    const provider = this.#provider;
    this.#spans = [];
    if (spans.length === 0 || !provider) return;
    const { serviceName, network } = this.#options;
    if (provider.type === 'zipkin') {
      const body = zipkinSpans(spans, { serviceName, ip: network.ip });
      this.#post(provider, '/api/v2/spans', body);
      return;
    }
    const request = otlpSpans(spans, serviceName);
    const sink = network.service(provider);
    if (isSpanSink(sink)) sink.takeSpans(request);
    else if (provider.path !== undefined) this.#post(provider, provider.path, request);
  }

  #post({ host, port }: TracingProvider, path: string, spans: Json): void {
    const { network } = this.#options;
    const [ip] = network.resolve(host);
    if (ip === undefined) return;
    const body = Buffer.from(JSON.stringify(spans));
    const headers = new HttpHeaders([
      ['content-type', 'application/json'],
      ['content-length', String(body.length)],
    ]);
    const request = { method: 'POST', path, authority: host, headers, body };
    // Spans are dropped where nobody takes them.
    network.deliver({ ip, port }, request).catch((error: unknown) => {
      if (!(error instanceof NetworkError)) throw error;
    });
  }
}
