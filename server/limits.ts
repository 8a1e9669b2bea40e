/** Every limit of the server that is not the terminal's, with unit and reason. */

/** Live sessions at once: each holds a cluster and a sandbox, some 15 MiB together. */
export const LIVE_SESSIONS = 120;
/** Terminals of one session. */
export const TERMINALS_PER_SESSION = 4;
/** A session nobody looks at is put to sleep after this long; its cluster is kept as a snapshot. */
export const UNWATCHED_SESSION_MS = 15 * 60_000;
/** How often a session that was used is written to the store. */
export const SNAPSHOT_INTERVAL_MS = 15_000;
/** A cluster is changed in bursts: a verifier waits this long after the first change before it looks. */
export const CHECK_DELAY_MS = 150;
/** Shortest time between two runs of a live verifier, so that a busy cluster is not watched to death. */
export const CHECK_INTERVAL_MS = 400;
/** Body of a request to the API of the page: names and numbers only. */
export const REQUEST_BODY = '16kb';
/** A grant to open a preview is used within this time, by the frame that asked for it. */
export const PREVIEW_GRANT_MS = 30_000;
