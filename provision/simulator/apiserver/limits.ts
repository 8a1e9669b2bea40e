/** All limits of the API server, each with its unit and reason. */

/** Changes of one resource kept for watches; one that falls further behind is told 410 Expired and lists again, as after etcd's compaction. */
export const HISTORY_LIMIT_EVENTS = 256;
/** Largest request body, as upstream's MaxRequestBodyBytes. */
export const BODY_LIMIT_BYTES = 3 * 1024 * 1024;
/** Largest stored object, as etcd's limit for a request. */
export const OBJECT_LIMIT_BYTES = 1_572_864;
/** JSON of all objects of a cluster; a full Istio with Bookinfo needs a tenth. etcd has such a limit, too. */
export const STORE_LIMIT_BYTES = 64 * 1024 * 1024;
/** Bytes a watch may be behind its reader before it is cut off; the client then watches again. */
export const WATCH_BACKLOG_LIMIT_BYTES = 8 * 1024 * 1024;
/** How often a write is tried again when others change the object at the same time. */
export const CONFLICT_RETRY_LIMIT = 5;
/** Names tried for one generateName before AlreadyExists is answered, as upstream. */
export const GENERATE_NAME_LIMIT = 8;
/** Deliveries of changes within one turn of the event loop; then sockets get their turn. */
export const DELIVERY_LIMIT_TURNS = 1_000;
/** Operations of one JSON patch, as upstream. */
export const JSON_PATCH_LIMIT_OPERATIONS = 10_000;
/** Streams one port-forward connection may hold open. */
export const PORT_FORWARD_LIMIT_STREAMS = 256;
/** Longest life of a service account token in seconds; upstream's default upper bound is a year. */
export const TOKEN_LIMIT_SECONDS = 365 * 24 * 3600;
/** Evictions of one disruption budget that its controller has not counted yet, as upstream's MaxDisruptedPodSize. */
export const DISRUPTED_PODS_LIMIT = 2_000;
