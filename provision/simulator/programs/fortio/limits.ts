/** Limits of a load test, so that one learner's run leaves the process to all others. */

/** Connections of one run (-c). */
export const MOST_CONNECTIONS = 256;
/** Calls of one run; a longer one ends as if it were interrupted. */
export const MOST_CALLS = 500_000;
/** Bytes that one run receives before it ends likewise. */
export const MOST_RECEIVED_BYTES = 2 * 1024 * 1024 * 1024;
/** How long one run goes on at most, in milliseconds. */
export const LONGEST_RUN_MS = 3_600_000;
/** Body that is sent with each call, in bytes (fortio's -maxpayloadsizekb). */
export const MOST_PAYLOAD_BYTES = 256 * 1024;
/** Lines that one command logs; what is more is counted only. */
export const MOST_LOG_LINES = 5_000;
/** How long the calls that are started together should keep the process busy, in milliseconds. */
export const TURN_MS = 6;
/** Calls that are started together: at least, and at most whatever they cost. */
export const FEWEST_STARTS = 2;
export const MOST_STARTS = 64;
/** Longest rest after one turn, in milliseconds: who was held up by others does not wait as long again. */
export const LONGEST_REST_MS = 50;
/** Longest answer of the echo server's size option, in bytes (fortio's -maxpayloadsizekb). */
export const MOST_ECHO_BYTES = 256 * 1024;
/** Longest delay of the echo server, in milliseconds (fortio's -max-echo-delay). */
export const LONGEST_ECHO_DELAY_MS = 1_500;
