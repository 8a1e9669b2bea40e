/** Limits of the terminals' own workings, with unit and reason; those that a learner feels stand in server/limits.ts. */

const KIB = 1024;

/** Output kept for a viewer that comes back; more than one screen of anything, and small enough for a hundred learners. */
export const RING_BYTES = 256 * KIB;
/** What a ring starts with: most shells never print more. */
export const FIRST_RING_BYTES = 16 * KIB;
/** Sent and not acknowledged: above this a viewer gets nothing more. ^C feels dead when it is larger. */
export const CREDIT_HIGH_BYTES = 256 * KIB;
/** Sending goes on below this; larger than the step in which the page acknowledges (32 KiB), or both would wait. */
export const CREDIT_LOW_BYTES = 64 * KIB;
/** A page that has drawn nothing for this long while output waits is gone, whatever its socket says. */
export const CREDIT_DEAD_MS = 30_000;
/** One message to the page. */
export const CHUNK_BYTES = 64 * KIB;
/** Output that follows at once is joined for this long; a lone chunk leaves without waiting. */
export const JOIN_MS = 4;
/** Lines that a fresh page gets back above the screen. */
export const SCROLLBACK_LINES = 1_000;
/** The copy of the screen is drawn at most this often, a ring at a time: output faster than that is a flood to skip. */
export const SCREEN_FEED_MS = 1_000;
/** Drawn in one turn, a millisecond of work, so that other terminals have theirs in between. */
export const SCREEN_TURN_BYTES = 16 * KIB;
/** Handed to the emulator at once: of sequences that redraw a whole screen, a tenth of a second of work at worst. */
export const SCREEN_PIECE_BYTES = 256;
/** Typed by one page: no paste of a lesson is as long, and a core is not kept busy by more. */
export const INPUT_RATE = { burst: 1024 * KIB, perSecond: 1024 * KIB } as const;
/** The page is told to go on typing when less than this waits for the program. */
export const INPUT_LOW_BYTES = 64 * KIB;
/** What the page then sends until it asks again: 128 Ki characters, of at most three bytes each. */
export const INPUT_STEP_BYTES = 384 * KIB;
/** Input that is refused within this time is told of once. */
export const INPUT_NOTICE_MS = 250;
/** Output of one program at which its viewers are told: no lesson prints this much. */
export const OUTPUT_NOTICE_BYTES = 1024 * 1024 * KIB;
/** One socket message; the page cuts pastes into smaller pieces. */
export const MESSAGE_BYTES = 256 * KIB;
/** Smallest and largest screen. */
export const COLUMNS = { min: 2, max: 500 } as const;
export const ROWS = { min: 1, max: 200 } as const;
/** A token has 22; a longer one is not even compared. */
export const TOKEN_CHARACTERS = 64;
