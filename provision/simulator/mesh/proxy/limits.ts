/** Limits of proxies, with unit and reason. */

/** Requests under way in one proxy; a loop between services ends here instead of in the memory of the process. */
export const OPEN_REQUESTS = 2_048;
/** Byte streams open in one proxy; one that leads to itself ends here (Istio: global_downstream_max_connections). */
export const OPEN_CONNECTIONS = 1_024;
/** Names and values of a request's headers together (Envoy: max_request_headers_kb). */
export const HEADER_BYTES = 60 * 1_024;
/** Headers of a request (Envoy: common_http_protocol_options.max_headers_count). */
export const HEADER_COUNT = 100;
/** Requests that one call stack may hold, of those under way in one proxy: some forty frames each, of which Node allows ten thousand. */
export const STACKED_REQUESTS = 32;
