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
/**
 * The first look at a new session's cluster comes this much later: its connections would cost others their prompt when a class
 * starts, and nobody has done anything yet.
 */
export const FIRST_CHECK_MS = 1_000;
/** Shortest time between two runs of a live verifier, so that a busy cluster is not watched to death. */
export const CHECK_INTERVAL_MS = 400;
/** Body of a request to the API of the page: names and numbers only. */
export const REQUEST_BODY = '16kb';
/** A grant to open a preview is used within this time, by the frame that asked for it. */
export const PREVIEW_GRANT_MS = 30_000;

/** TCP connections of all browsers together, so that descriptors are left for sandboxes and clusters. */
export const CONNECTIONS = 4_000;
/** Request line and headers arrive within this time; a browser sends them at once. */
export const HEADERS_MS = 10_000;
/** A whole request arrives within this time, uploads to a preview included. */
export const REQUEST_MS = 60_000;
/** How often requests are looked at for these times. */
export const CONNECTION_LOOK_MS = 2_000;

/** Browser tabs of one learner, and sockets of lost ones, which linger for half a minute. */
export const SOCKETS_PER_LEARNER = 16;
/** A connection that has not said which learner it is ends after this long. */
export const SOCKET_ADMISSION_MS = 10_000;
/** Name, two values and a callback: no message has more. Far more would overflow the stack where they are handed on. */
export const MESSAGE_PARTS = 4;
/** Bytes that wait to be sent on one socket: full screens of several terminals; beyond, the page has stopped reading. */
export const UNREAD_BYTES = 8 * 1024 * 1024;

/** How often something may be done: at once, and then again as time passes. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** What a learner's messages cost together. A page that draws fast output acknowledges a thousand times a second. */
export const MESSAGE_RATE: Rate = { burst: 20_000, perSecond: 10_000 };
/** A change of size draws the scrollback anew, a millisecond of work; dragging a splitter gives sixty a second. */
export const RESIZE_COST = 50;
/** Calls that read the cluster, start programs or draw screens: fifty a second. */
export const CALL_COST = 200;
/** Requests of one learner to the API of the page. */
export const REQUEST_RATE: Rate = { burst: 100, perSecond: 20 };
/** Clusters and sandboxes that one learner has started: each costs the machine a good second. */
export const SESSION_START_RATE: Rate = { burst: 12, perSecond: 0.2 };
/** New learners from one address: a large class behind one router arrives at once. */
export const NEW_LEARNER_RATE: Rate = { burst: 500, perSecond: 5 };
