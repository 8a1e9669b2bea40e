import { HttpHeaders } from '../../net/http.ts';

/** What Bookinfo's services pass on to the next one, so that traces hold together and routes can tell users apart. */
const FORWARDED = [
  'x-request-id',
  'x-ot-span-context',
  'x-datadog-trace-id',
  'x-datadog-parent-id',
  'x-datadog-sampling-priority',
  'traceparent',
  'tracestate',
  'x-cloud-trace-context',
  'grpc-trace-bin',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-parentspanid',
  'x-b3-sampled',
  'x-b3-flags',
  'sw8',
  'end-user',
  'user-agent',
  'cookie',
  'authorization',
  'jwt',
];

/** The headers of a request that go along with what is asked on its behalf. */
export function forwardedHeaders(from: HttpHeaders): HttpHeaders {
  const headers = new HttpHeaders();
  for (const name of FORWARDED) {
    const value = from.get(name);
    if (value !== undefined) headers.set(name, value);
  }
  return headers;
}
