/** All limits of the API server, each with its unit and reason. */

/** Changes of one resource kept for watches and continued lists; one that falls further behind is told 410 Expired and lists again, as after etcd's compaction. */
export const HISTORY_LIMIT_EVENTS = 1_000;
/** JSON of the objects that the kept changes of one resource replaced or removed: a thousand updates of usual pods take 4 MiB. */
export const HISTORY_LIMIT_BYTES = 4 * 1024 * 1024;
/** Largest request body, as upstream's MaxRequestBodyBytes. */
export const BODY_LIMIT_BYTES = 3 * 1024 * 1024;
/** Largest stored object, as etcd's limit for a request. */
export const OBJECT_LIMIT_BYTES = 1_572_864;
/** JSON of all objects of a cluster; a full Istio with Bookinfo needs a tenth. etcd has such a limit, too. */
export const STORE_LIMIT_BYTES = 64 * 1024 * 1024;
/** Pods of a cluster, four times what its two nodes hold: a Deployment of 100,000 replicas kept all other clusters waiting for minutes. */
export const PODS_LIMIT = 1_000;
/** Bytes a watch may be behind its reader before it is cut off; the client then watches again. */
export const WATCH_BACKLOG_LIMIT_BYTES = 8 * 1024 * 1024;
/** Requests of one cluster that are being answered at a time, each with a body in memory; more are told 429. Upstream takes 600, of many people. */
export const REQUESTS_IN_FLIGHT_LIMIT = 100;
/** Watches and streams of one cluster over HTTP; more are told 429. A controller of Istio's size holds thirty. */
export const LONG_RUNNING_LIMIT = 500;
/** How often a write is tried again when others change the object at the same time. */
export const CONFLICT_RETRY_LIMIT = 5;
/** Names tried for one generateName before AlreadyExists is answered, as upstream. */
export const GENERATE_NAME_LIMIT = 8;
/** Deliveries of changes within one turn of the event loop; then sockets get their turn. */
export const DELIVERY_LIMIT_TURNS = 1_000;
/** Operations of one JSON patch, as upstream. */
export const JSON_PATCH_LIMIT_OPERATIONS = 10_000;
/** Items of lists that one JSON patch may push aside: a tenth of a second, however long the lists. */
export const JSON_PATCH_LIMIT_MOVED_ITEMS = 100_000_000;
/** What the copies of one JSON patch may add, as upstream. */
export const JSON_PATCH_LIMIT_COPIED_BYTES = 3 * 1024 * 1024;
/** Longest life of a service account token in seconds; upstream has no other bound unless its administrator sets one. */
export const TOKEN_LIMIT_SECONDS = 2 ** 32;
/** Shortest life of a service account token in seconds, as upstream. */
export const TOKEN_MINIMUM_SECONDS = 600;
/** Evictions of one disruption budget that its controller has not counted yet, as upstream's MaxDisruptedPodSize. */
export const DISRUPTED_PODS_LIMIT = 2_000;
/** Managers of one object that update; the oldest are joined into one, as upstream. */
export const UPDATE_MANAGERS_LIMIT = 10;
/** Streams one SPDY connection may hold open: two for each connection of a port-forward, five for a command. */
export const SPDY_LIMIT_STREAMS = 512;
/** One control frame of SPDY; data frames are passed on as they come, however long. */
export const CONTROL_FRAME_LIMIT_BYTES = 64 * 1024;
/** Headers of one SPDY stream when unfolded; kubectl's take a hundred bytes. */
export const HEADER_BLOCK_LIMIT_BYTES = 64 * 1024;
/** How long a client has to open the streams of a command, in milliseconds, as upstream's streamCreationTimeout. */
export const STREAM_CREATION_LIMIT_MS = 30_000;
/** A connection of exec, attach or port-forward on which nothing moves is ended, as upstream's streaming-connection-idle-timeout. */
export const STREAM_IDLE_LIMIT_MS = 4 * 3600 * 1000;
/** One message of a WebSocket; a longer one closes the connection with 1009. Clients send 32 KiB at a time. */
export const WEBSOCKET_MESSAGE_LIMIT_BYTES = 4 * 1024 * 1024;
/** What is taken from a WebSocket before its reader has caught up. */
export const WEBSOCKET_BACKLOG_LIMIT_BYTES = 1024 * 1024;
/** Connections of a cluster that exec, attach, port-forward and proxied WebSockets may hold; more are told 429. */
export const UPGRADED_LIMIT_CONNECTIONS = 256;
/** Ports that one port-forward over channels may name. */
export const FORWARD_LIMIT_PORTS = 32;
/** Bytes of a field manager's name, as upstream. */
export const FIELD_MANAGER_LIMIT_LENGTH = 128;
/** Body of a request that is passed on to a pod or service: what the virtual network carries. */
export const PROXIED_LIMIT_BYTES = 16 * 1024 * 1024;
/** Request line and headers of one request; a longer one is told 431. Go's default is 1 MiB, kubectl needs 1 KiB. */
export const HEADER_LIMIT_BYTES = 256 * 1024;
/** How long a client may take for its TLS handshake, and for the headers of a request, as upstream's ReadHeaderTimeout. */
export const HEADER_LIMIT_MS = 32_000;
/** How long a client may take for the body of a request, as upstream's request-timeout; then it is told 504. */
export const BODY_LIMIT_MS = 60_000;
/** How long a connection without a request is kept, in milliseconds. */
export const KEEP_ALIVE_LIMIT_MS = 180_000;
/** Connections of one cluster's API server; more are ended at once. */
export const CONNECTIONS_LIMIT = 1_024;
/** How deep objects and lists may lie in each other; upstream's reader stops at 10,000, our functions use the stack. */
export const BODY_LIMIT_DEPTH = 1_000;
/** YAML that is not JSON: it takes a hundred times as long to read, and all others wait. kubectl sends JSON. */
export const YAML_LIMIT_BYTES = 256 * 1024;
/** How often what stands once in a YAML text may be repeated by aliases. */
export const YAML_LIMIT_ALIASES = 100;
/** Anchors, aliases and tags of a YAML text; each alias is looked up from the beginning. */
export const YAML_LIMIT_REFERENCES = 2_000;
/** Brackets of a YAML text that open a list or an object. */
export const YAML_LIMIT_BRACKETS = 20_000;
