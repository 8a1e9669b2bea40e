/** Limits of the way to real clusters, with unit and reason. */

/** Connections to one address of the cluster at once: a load test of a lesson fits, a flood ends here. */
export const CONNECTIONS_PER_ADDRESS = 256;
/** How long the cluster may take to accept a connection; a Service without endpoints drops packets. */
export const CONNECT_MS = 10_000;
/** Addresses of gateways that are passed on; a lesson has one or two gateways with some ports each. */
export const GATEWAY_ADDRESSES = 128;
/** How long to wait before looking at the Services again after the API server has not answered. */
export const WATCH_AGAIN_MS = 5_000;
/** Services change in bursts: they are looked at this much after the first change. */
export const CHANGES_MS = 200;
