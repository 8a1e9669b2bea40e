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
