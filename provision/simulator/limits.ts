/** Limits of what all parts of the simulator and all clusters of a process share: unit in the name, reason beside it. */

/** Results kept by one cache of texts; all are forgotten when there are more. What lessons and their clusters repeat is far less. */
export const REMEMBERED_LIMIT_ENTRIES = 1_000;

/** Longer texts are worked out anew each time: a learner may send megabytes, which would be kept for nobody. */
export const REMEMBERED_LIMIT_CHARACTERS = 1_024;

/** Instructions of a compiled regular expression times characters of the text that is searched: some 0.2 s. */
export const SEARCH_LIMIT_STEPS = 5_000_000;
