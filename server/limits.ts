/**
 * What a learner, or whoever runs the server, feels of its limits; then those of requests and sockets. Each with unit and
 * reason. What only a room of its own must know stays there: terminal/limits.ts, sandbox/limits.ts.
 */

const KIB = 1024;
const MIB = 1024 * KIB;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Live sessions at once, unless --max-sessions says otherwise: each holds a cluster and a sandbox, some 15 MiB together. */
export const LIVE_SESSIONS = 120;
/** The most that --max-sessions takes: what one server's descriptors and processor carry. */
export const MOST_LIVE_SESSIONS = 2_000;
/** Labs that one learner has awake: the one at work and some to look something up in. */
export const LIVE_SESSIONS_PER_LEARNER = 3;
/** Learners who wait for a place; a line longer than this would not move within a lesson. */
export const WAITING_LEARNERS = 200;
/** How long to wait before asking again whether it is one's turn. */
export const WAITING_RETRY_S = 3;
/** Who has not asked for this long is passed by those behind: no place stays empty for somebody who may have left. */
export const WAITING_ABSENT_MS = 10_000;
/** Who has not asked for this long has left the line; a phone that locked its screen for a moment has not. */
export const WAITING_PLACE_MS = 2 * MINUTE_MS;
/** Terminals of one session. */
export const TERMINALS_PER_SESSION = 4;

/** A session in which nobody types or clicks is put to sleep, unless --idle-minutes says otherwise. */
export const IDLE_MS = 30 * MINUTE_MS;
/** A session is awake for this long in a row, unless --session-hours says otherwise. */
export const SESSION_MS = 4 * HOUR_MS;
/** The longest that the flags may ask for: a timer of Node counts no further than 24 days. */
export const LONGEST_SESSION_HOURS = 7 * 24;
/** By how much a learner may put off the end, and how often. */
export const EXTENSION_MS = HOUR_MS;
export const EXTENSIONS = 2;
/** Time left when a learner is told that an end is near. */
export const WARNINGS_MS = [5 * MINUTE_MS, MINUTE_MS] as const;
/** A session nobody looks at is put to sleep after this long; its cluster is kept as a snapshot. */
export const UNWATCHED_SESSION_MS = 15 * MINUTE_MS;
/** The same when the last page said that it closes for good, or when others wait for a place: long enough for a reload. */
export const LEFT_SESSION_MS = MINUTE_MS;

/** Everything the learner may write, together: home, /tmp, /run, /dev/shm. Held in memory. */
export const WRITABLE_MIB = 128;
/** Files and folders on it, so that a million empty ones do not cost the kernel's memory. */
export const WRITABLE_INODES = '16k';
/** Processes and threads of one learner: shells and some kubectl with a dozen threads each; a fork bomb ends here. */
export const PROCESSES = 256;
/** Memory of one learner where cgroups allow it: the writable files, which count, and a working set beside them. */
export const MEMORY_BYTES = 640 * MIB;
/** Share of the processor against the server's 100, where cgroup v2 allows it; 1 to 10,000. */
export const CPU_WEIGHT = 25;
/** Output read from a program that nobody watches, in each stretch of UNWATCHED_MS: 1 MiB a second, so that a forgotten `yes` costs no core. */
export const UNWATCHED_BYTES = 256 * KIB;
export const UNWATCHED_MS = 250;

/** A learner's own work in the home, packed: more stays in the sandbox, and the learner is told. */
export const HOME_BYTES = 8 * MIB;
/** Time to pack a home, also when the session ends: 20 ms for a small one, two seconds for a full one. */
export const HOME_PACK_MS = 5_000;
/** Time to bring a home back; the first prompt waits for it. */
export const HOME_UNPACK_MS = 10_000;
/** How often a session that was used is written to the store: what a server that is killed may lose of cluster and home. */
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
export const UNREAD_BYTES = 8 * MIB;

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
