import type { JsonObject } from '../../../../kinds/object.ts';
import type { Span } from './span.ts';

/** Spans as Zipkin takes them (https://zipkin.io/zipkin-api/#/default/post_spans). */
export function zipkinSpans(
  spans: readonly Span[],
  { serviceName, ip }: { readonly serviceName: string; readonly ip: string },
): readonly JsonObject[] {
  return spans.map(({ context, operation, kind, startMs, durationMs, tags }) => ({
    traceId: context.traceId,
    ...(context.parentId !== undefined && { parentId: context.parentId }),
    name: operation,
    id: context.spanId,
    kind,
    timestamp: Math.round(startMs * 1_000),
    duration: Math.max(1, Math.round(durationMs * 1_000)),
    localEndpoint: { serviceName, ipv4: ip, port: 0 },
    tags: Object.fromEntries(tags),
  }));
}

/** Spans as OpenTelemetry's collectors take them in JSON (ExportTraceServiceRequest of OTLP). */
export function otlpSpans(spans: readonly Span[], serviceName: string): JsonObject {
  return {
    resourceSpans: [
      {
        resource: { attributes: attributes([['service.name', serviceName]]) },
        scopeSpans: [{ scope: { name: 'envoy' }, spans: spans.map(otlpSpan) }],
      },
    ],
  };
}

function otlpSpan({ context, operation, kind, startMs, durationMs, tags }: Span): JsonObject {
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    ...(context.parentId !== undefined && { parentSpanId: context.parentId }),
    name: operation,
    kind: kind === 'SERVER' ? 'SPAN_KIND_SERVER' : 'SPAN_KIND_CLIENT',
    startTimeUnixNano: nanoseconds(startMs),
    endTimeUnixNano: nanoseconds(startMs + durationMs),
    attributes: attributes(tags),
    status: tags.has('error') ? { code: 'STATUS_CODE_ERROR' } : {},
  };
}

function attributes(tags: Iterable<readonly [string, string]>): readonly JsonObject[] {
  return [...tags].map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

/** Milliseconds with fractions lose their last digits in a number of nanoseconds. */
function nanoseconds(ms: number): string {
  return `${Math.round(ms * 1_000)}000`;
}
