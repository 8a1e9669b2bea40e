/** Every limit of terminals, with unit and reason. */

const KIB = 1024;

/** Output kept for a viewer that comes back; more than one screen of anything, and small enough for a hundred learners. */
export const RING_BYTES = 256 * KIB;
/** What a ring starts with: most shells never print more. */
export const FIRST_RING_BYTES = 16 * KIB;
/** Sent and not acknowledged: above this a viewer gets nothing more. ^C feels dead when it is larger. */
export const CREDIT_HIGH_BYTES = 256 * KIB;
/** Sending goes on below this; larger than the step in which the page acknowledges (32 KiB), or both would wait. */
export const CREDIT_LOW_BYTES = 64 * KIB;
/** One message to the page. */
export const CHUNK_BYTES = 64 * KIB;
/** Output that follows at once is joined for this long; a lone chunk leaves without waiting. */
export const JOIN_MS = 4;
/** Lines that a fresh page gets back above the screen. */
export const SCROLLBACK_LINES = 1_000;
/** One socket message; the page cuts pastes into smaller pieces. */
export const MESSAGE_BYTES = 256 * KIB;
/** After the exit of a shell its last output may still come: silence of this length ends the wait. */
export const EXIT_SILENCE_MS = 250;
/** Smallest and largest screen. */
export const COLUMNS = { min: 2, max: 500 } as const;
export const ROWS = { min: 1, max: 200 } as const;
