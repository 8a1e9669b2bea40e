import type { JsonObject } from '../../../../kinds/object.ts';

/**
 * Takes spans on the virtual network, in place of OTLP over gRPC: what a collector offers with a listener of type `service`, usually
 * on port 4317.
 */
export interface SpanSink {
  /** Takes an ExportTraceServiceRequest in OTLP's JSON form; must not throw. */
  takeSpans(request: JsonObject): void;
}

/** Whether what listens somewhere takes spans. */
export function isSpanSink(service: object | undefined): service is SpanSink {
  return service !== undefined && 'takeSpans' in service && typeof service.takeSpans === 'function';
}
