import type { HttpHeaders } from '../../../../net/http.ts';
import type { TracingProvider } from '../../../pilot/push/telemetry/tracing.ts';

/** What travels from span to span. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly isSampled: boolean;
}

/** The caller's context; `isSampled` is undefined where it has left that open. */
export type CallerContext = Omit<TraceContext, 'parentId' | 'isSampled'> & {
  readonly isSampled: boolean | undefined;
};

/** The context that a caller sends in the words of the provider; undefined when there is none, or nothing that can be read. */
export function readContext(
  headers: HttpHeaders,
  type: TracingProvider['type'],
): CallerContext | undefined {
  return type === 'zipkin' ? readB3(headers) : readTraceParent(headers);
}

/** Tells the next one of a span. */
export function writeContext(
  headers: HttpHeaders,
  { traceId, spanId, parentId, isSampled }: TraceContext,
  type: TracingProvider['type'],
): void {
  if (type === 'opentelemetry') {
    headers.set('traceparent', `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`);
    return;
  }
  headers.set('x-b3-traceid', traceId);
  headers.set('x-b3-spanid', spanId);
  if (parentId === undefined) headers.delete('x-b3-parentspanid');
  else headers.set('x-b3-parentspanid', parentId);
  headers.set('x-b3-sampled', isSampled ? '1' : '0');
}

/** Lets nobody trace a request: copies for mirrors. */
export function withdrawSampling(headers: HttpHeaders): void {
  if (headers.has('x-b3-traceid')) headers.set('x-b3-sampled', '0');
  const parent = headers.get('traceparent');
  if (parent !== undefined) headers.set('traceparent', parent.replace(/-[0-9a-f]{2}$/, '-00'));
}

/** https://github.com/openzipkin/b3-propagation */
function readB3(headers: HttpHeaders): CallerContext | undefined {
  const single = headers.get('b3')?.split('-');
  const traceId = single?.[0] ?? headers.get('x-b3-traceid');
  const spanId = single?.[1] ?? headers.get('x-b3-spanid');
  const sampled = single?.[2] ?? headers.get('x-b3-sampled');
  if (traceId === undefined || spanId === undefined) return undefined;
  if (!/^([0-9a-f]{16}|[0-9a-f]{32})$/i.test(traceId) || !/^[0-9a-f]{16}$/i.test(spanId)) {
    return undefined;
  }
  const isForced = headers.get('x-b3-flags') === '1';
  return {
    traceId,
    spanId,
    isSampled: isForced || (sampled === undefined ? undefined : YES.includes(sampled)),
  };
}

const YES: readonly string[] = ['1', 'd', 'true'];

/** https://www.w3.org/TR/trace-context/ */
function readTraceParent(headers: HttpHeaders): CallerContext | undefined {
  const parts = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(
    headers.get('traceparent') ?? '',
  );
  const [, traceId = '', spanId = '', flags = ''] = parts ?? [];
  if (/^0*$/.test(traceId) || /^0*$/.test(spanId)) return undefined;
  return { traceId, spanId, isSampled: Number.parseInt(flags, 16) % 2 === 1 };
}
