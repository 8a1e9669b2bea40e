/** Limits of the virtual network, with unit and reason. */

/** Body of one request or answer, held whole in memory. */
export const BODY_BYTES = 16 * 1024 * 1024;
/** Ports that callers get, as Linux gives them (net.ipv4.ip_local_port_range). */
export const FIRST_CALLER_PORT = 32_768;
export const LAST_CALLER_PORT = 60_999;
/** Changes come in bursts: listeners of the network hear of them together, this much later. */
export const CHANGE_DELAY_MS = 10;
/** How long a client's ClientIP affinity lasts by default (Service spec, sessionAffinityConfig). */
export const AFFINITY_MS = 10_800_000;
/** How long Linux tries to connect where nobody answers (tcp(7): tcp_syn_retries, 6, and the first wait of 1 s, doubled). */
export const CONNECT_TIMEOUT_MS = 134_000;
/** How long Istio's proxies try (MeshConfig.connectTimeout). */
export const PROXY_CONNECT_TIMEOUT_MS = 10_000;
/** How long a resolver asks a name server that does not answer (resolv.conf(5): timeout 5 s, attempts 2). */
export const DNS_TIMEOUT_MS = 10_000;
/** Hosts whose addresses a pod's resolver remembers until something changes; then, or when there are more, it forgets all. */
export const REMEMBERED_HOSTS = 64;
/** A query in a message by TCP: one question has at most 255 bytes, and some options. */
export const DNS_MESSAGE_BYTES = 4_096;
/** Queries answered in a second on one socket: a load test looks up a name for each request; a flood costs others their turn. */
export const DNS_QUERIES_PER_SECOND = 2_000;
/** Connections to the name server at once; clients open one for an answer that is too long for a datagram. */
export const DNS_CONNECTIONS = 32;
/** A connection on which nothing is asked for this long ends. */
export const DNS_CONNECTION_IDLE_MS = 10_000;
