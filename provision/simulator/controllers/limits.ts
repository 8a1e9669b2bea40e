/** Every bound of the controllers, with its unit and reason. */

/** Keys that one controller works on at the same time; more would only queue for the one thread. */
export const CONCURRENT_SYNCS = 4;

/** First wait before a key that was refused is tried again, in milliseconds (client-go's default rate limiter). */
export const RETRY_BASE_MS = 5;

/** Longest such wait, in milliseconds. client-go goes up to 1,000 s; a learner should see a repair sooner. */
export const RETRY_MAX_MS = 60_000;

/** Pods made or deleted in one pass over a set, as upstream's BurstReplicas. */
export const POD_BURST_LIMIT = 500;

/** Events kept in a cluster; the oldest go first. Upstream forgets by age (one hour), which would need a timer each. */
export const EVENT_LIMIT = 1_000;

/** Repeated events remembered by one recorder, so that a repeat counts up instead of adding an object. */
export const REMEMBERED_EVENTS = 500;

/** Event writes that may wait for the API server; further events are dropped, as upstream's full channel does. */
export const PENDING_EVENTS_LIMIT = 1_000;

/** Endpoints in one EndpointSlice (Kubernetes documentation, "EndpointSlices": default maximum). */
export const ENDPOINTS_PER_SLICE = 100;

/** Missed start times a CronJob looks back over before it gives up counting them, as upstream. */
export const MISSED_STARTS_LIMIT = 100;

/** How long an allowed eviction counts as done before the pod begins to go, in milliseconds, as upstream's DeletionTimeout. */
export const DISRUPTION_MEMORY_MS = 120_000;

/** How long pods of a node that is gone are kept in case it comes back, in milliseconds, as upstream's quarantine. */
export const NODE_QUARANTINE_MS = 40_000;

/** Pods that find their nodes before other work of the process gets its turn: some twenty milliseconds among a thousand pods. */
export const SCHEDULER_TURN_PODS = 4;

/** Ordinals of one StatefulSet that are looked at: a cluster has no more pods, and two billion numbers take all memory. */
export const ORDINALS_LIMIT = 1_000;
