/** Limits of go-httpbin as its image has them (its options -max-body-size and -max-duration). */
export const MOST_BODY_BYTES = 1024 * 1024;
export const LONGEST_ANSWER_MS = 10_000;
/** The Python httpbin's /delay and /drip wait no longer than this, whatever is asked (httpbin, "Dynamic data"). */
export const LONGEST_DELAY_MS = 10_000;
/** Both answer at most so many random bytes, lines of a stream, and links. */
export const MOST_RANDOM_BYTES = 100 * 1024;
export const MOST_STREAM_LINES = 100;
export const MOST_LINKS = 256;
/** Events of one answer of /sse. */
export const MOST_EVENTS = 10_000;
