import { HttpHeaders, type HttpResponse } from '../../../net/http.ts';

/** An answer that a proxy gives, its own or the application's, with the flags and details of its access log. */
export interface ProxyAnswer {
  readonly response: HttpResponse;
  /** `-` for none. */
  readonly flags: string;
  readonly details: string;
}

/** No route fits (flag NR). */
export const noRoute = (): ProxyAnswer => local(404, '', 'NR', 'route_not_found');

/** The route leads to a service or subset that does not exist (flag NC). */
export const noCluster = (status: 500 | 503): ProxyAnswer =>
  local(status, '', 'NC', 'cluster_not_found');

/** No endpoint is ready (flag UH). */
export const noHealthyUpstream = (): ProxyAnswer =>
  local(503, 'no healthy upstream', 'UH', 'no_healthy_upstream');

/** The route's time-out, or that of one try, has passed (flag UT). */
export const timedOut = (): ProxyAnswer =>
  local(504, 'upstream request timeout', 'UT', 'response_timeout');

/** No answer in time to one try, and no other to come (flag UT). */
export const perTryTimedOut = (): ProxyAnswer =>
  local(504, 'upstream request timeout', 'UT', 'upstream_per_try_timeout');

/** More requests at once than a proxy has room for (flag OM). */
export const overloaded = (): ProxyAnswer => local(503, 'envoy overloaded', 'OM', 'overload');

/** Headers of a request that are too long or too many (flag DPE). */
export const headersTooLarge = (): ProxyAnswer =>
  local(431, '', 'DPE', 'request_headers_too_large');

/** Too many requests wait for a connection (flag UO): the circuit breaker is open. */
export function overflow(): ProxyAnswer {
  const answer = local(
    503,
    `${DISCONNECTED}. reset reason: overflow`,
    'UO',
    'upstream_reset_before_response_started{overflow}',
  );
  answer.response.headers.set('x-envoy-overloaded', 'true');
  return answer;
}

/** Nothing listens at the endpoint (flag UF). */
export const connectionRefused = (wasRetried: boolean): ProxyAnswer =>
  connectionFailed('delayed connect error: Connection refused', wasRetried);

/** Nobody answers: what is sent to the endpoint is dropped on its way (flag UF). */
export const connectionTimedOut = (wasRetried: boolean): ProxyAnswer =>
  local(
    503,
    `${DISCONNECTED}. ${reasonIs(wasRetried)}: connection timeout`,
    'UF',
    'upstream_reset_before_response_started{connection_timeout}',
  );

/** The endpoint and the proxy cannot agree on TLS (flag UF); `reason` as Envoy has it. */
export const tlsFailed = (reason: string, wasRetried: boolean): ProxyAnswer =>
  connectionFailed(reason, wasRetried);

/** The endpoint has closed the connection before it answered (flag UC). */
export const connectionClosed = (wasRetried: boolean): ProxyAnswer =>
  local(
    503,
    `${DISCONNECTED}. ${reasonIs(wasRetried)}: connection termination`,
    'UC',
    'upstream_reset_before_response_started{connection_termination}',
  );

/** The caller has gone before there was an answer (flag DC); nobody sees it but the log. */
export const clientGone = (): ProxyAnswer => local(0, '', 'DC', 'downstream_remote_disconnect');

/** The fault filter's abort (flag FI): with a status of HTTP, or with gRPC's, which travels in a header of an answer 200. */
export function aborted(abort: {
  readonly httpStatus?: number;
  readonly grpcStatus?: number;
}): ProxyAnswer {
  const { httpStatus, grpcStatus } = abort;
  if (httpStatus !== undefined || grpcStatus === undefined) {
    return local(httpStatus ?? 200, 'fault filter abort', 'FI', 'fault_filter_abort');
  }
  const answer = local(200, '', 'FI', 'fault_filter_abort');
  answer.response.headers.set('content-type', 'application/grpc');
  answer.response.headers.set('grpc-status', String(grpcStatus));
  answer.response.headers.set('grpc-message', 'fault filter abort');
  return answer;
}

/** An answer that a route or filter gives by itself. */
export function direct(
  status: number,
  body: string,
  headers: readonly (readonly [string, string])[] = [],
): ProxyAnswer {
  const answer = local(status, body, '-', 'direct_response');
  for (const [name, value] of headers) answer.response.headers.set(name, value);
  return answer;
}

/** A route's direct response: bytes as they are written there. */
export function directResponse(status: number, body: Uint8Array): ProxyAnswer {
  const answer = local(status, '', '-', 'direct_response');
  const { headers } = answer.response;
  headers.set('content-length', String(body.length));
  if (body.length > 0) headers.set('content-type', 'text/plain');
  return { ...answer, response: { status, headers, body } };
}

/** The application's answer, with headers of its own that the proxy may change. */
export function fromUpstream({ status, headers, body }: HttpResponse): ProxyAnswer {
  const response = { status, headers: headers.clone(), body };
  return { response, flags: '-', details: 'via_upstream' };
}

/** The same answer with one flag more. */
export function withFlag<T extends ProxyAnswer>(answer: T, flag: string): T {
  const flags = [...(answer.flags === '-' ? [] : answer.flags.split(',')), flag];
  return { ...answer, flags: FLAG_ORDER.filter((known) => flags.includes(known)).join(',') };
}

/** The order in which Envoy writes several flags. */
const FLAG_ORDER = [
  'UH',
  'UT',
  'UF',
  'UC',
  'UO',
  'NR',
  'DI',
  'FI',
  'RL',
  'DC',
  'URX',
  'NC',
  'DPE',
  'UPE',
  'OM',
];
const DISCONNECTED = 'upstream connect error or disconnect/reset before headers';

function connectionFailed(reason: string, wasRetried: boolean): ProxyAnswer {
  return local(
    503,
    `${DISCONNECTED}. ${reasonIs(wasRetried)}: remote connection failure, transport failure reason: ${reason}`,
    'UF',
    `upstream_reset_before_response_started{remote_connection_failure|${reason.replaceAll(' ', '_')}}`,
  );
}

function reasonIs(wasRetried: boolean): string {
  return wasRetried ? 'retried and the latest reset reason' : 'reset reason';
}

/** An answer of the proxy's own, in plain text. */
export function local(status: number, body: string, flags: string, details: string): ProxyAnswer {
  const bytes = Buffer.from(body);
  const headers = new HttpHeaders([['content-length', String(bytes.length)]]);
  if (body !== '') headers.set('content-type', 'text/plain');
  return { response: { status, headers, body: bytes }, flags, details };
}
