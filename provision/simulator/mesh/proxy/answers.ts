import { HttpHeaders, type HttpResponse } from '../../net/http.ts';

/** An answer that a proxy makes itself, in Envoy's words, with the flag and details of its access log. */
export interface ProxyAnswer {
  readonly response: HttpResponse;
  readonly flags: string;
  readonly details: string;
}

/** No route fits (flag NR). */
export const noRoute = (): ProxyAnswer => local(404, '', 'NR', 'route_not_found');

/** The route leads to a service or subset that does not exist (flag NC). */
export const noCluster = (): ProxyAnswer => local(503, '', 'NC', 'cluster_not_found');

/** No endpoint is ready (flag UH). */
export const noHealthyUpstream = (): ProxyAnswer =>
  local(503, 'no healthy upstream', 'UH', 'no_healthy_upstream');

/** The route's time-out has passed (flag UT). */
export const timedOut = (): ProxyAnswer =>
  local(504, 'upstream request timeout', 'UT', 'response_timeout');

/** Nothing listens at the endpoint, at the last try neither (flag UF). */
export function connectionRefused(wasRetried: boolean): ProxyAnswer {
  const how = wasRetried ? 'retried and the latest reset reason' : 'reset reason';
  const body =
    `upstream connect error or disconnect/reset before headers. ${how}: remote connection failure, ` +
    'transport failure reason: delayed connect error: Connection refused';
  const details =
    'upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}';
  return local(503, body, wasRetried ? 'UF,URX' : 'UF', details);
}

/** The fault filter's abort (flag FI). */
export const aborted = (status: number): ProxyAnswer =>
  local(status, 'fault filter abort', 'FI', 'fault_filter_abort');

/** A redirect or direct response of a route. */
export function direct(
  status: number,
  body: string,
  headers: readonly (readonly [string, string])[] = [],
): ProxyAnswer {
  const answer = local(status, body, '-', 'direct_response');
  for (const [name, value] of headers) answer.response.headers.set(name, value);
  return answer;
}

function local(status: number, body: string, flags: string, details: string): ProxyAnswer {
  const bytes = Buffer.from(body);
  const headers = new HttpHeaders([['content-length', String(bytes.length)]]);
  if (body !== '') headers.set('content-type', 'text/plain');
  return { response: { status, headers, body: bytes }, flags, details };
}
