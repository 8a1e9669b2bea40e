/** Limits of what istiod does for security policies: unit in the name, reason beside it. */

/** Sets of keys that one istiod keeps; a mesh has a handful of identity providers. */
export const KEY_SETS_LIMIT = 256;

/** How long a set of keys counts as new, as in Istio (PILOT_JWT_PUB_KEY_REFRESH_INTERVAL). */
export const KEYS_REFRESH_MS = 20 * 60_000;

/** How soon a set that could not be fetched is tried again, as in Istio. */
export const KEYS_RETRY_MS = 60_000;

/** How long one fetch may take where the rule says nothing, as in Istio. */
export const FETCH_TIMEOUT_MS = 5_000;

/** Redirects that are followed for one set of keys; Go's client follows ten. */
export const REDIRECTS_LIMIT = 10;
