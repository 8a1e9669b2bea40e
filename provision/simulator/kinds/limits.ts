/** Limits of what all kinds share: unit in the name, reason beside it. Those of expressions stand in `cel/limits.ts`. */

/** All annotations of an object, as upstream; the API server keeps what kubectl last applied only below it. */
export const ANNOTATIONS_LIMIT_BYTES = 256 * 1024;

/** What a ConfigMap or Secret may hold, so that it fits into etcd. */
export const DATA_LIMIT_BYTES = 1024 * 1024;

/** Problems of strict decoding that are told, as upstream. */
export const DECODING_LIMIT_PROBLEMS = 100;

/** OpenAPI v2 documents kept for whoever asks next, the latest first: about 0.4 MB each. */
export const OPENAPI_LIMIT_DOCUMENTS = 8;
/** Longest quantity that is read: a million digits took three seconds, and nothing has a hundred of them. */
export const QUANTITY_LIMIT_CHARACTERS = 256;
