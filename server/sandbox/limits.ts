/** Limits of the sandbox's own workings, with unit and reason; those that a learner feels stand in server/limits.ts. */

/** Address space of one process in KiB: Node (istioctl) reserves many gigabytes without using them. */
export const ADDRESS_SPACE_KIB = 48 * 1024 * 1024;
/** Open files of one process: enough for any tool of the lessons, and far from what the machine has. */
export const OPEN_FILES = 4_096;
/** Boxes kept ready for the next learners; each is one process of half a megabyte. */
export const SPARE_BOXES = 2;
/** A taken spare is replaced this much later, when the learner's own start no longer needs the processor. */
export const REFILL_DELAY_MS = 500;
/** Time for a new box to say that it is ready. */
export const START_MS = 10_000;
/** Time for the helper that listens inside; it usually needs 30 ms. */
export const LISTEN_MS = 10_000;
/** Output of a program without a terminal that is kept; the rest is read and dropped. */
export const RUN_OUTPUT_BYTES = 4 * 1024 * 1024;
/** Keys and pastes that wait for a program that does not read. */
export const INPUT_BYTES = 1024 * 1024;
/** Input written without letting others have their turn. */
export const INPUT_TURN_BYTES = 64 * 1024;
/** Time between the rungs of the ladder: hang up, terminate, kill. */
export const KILL_STEP_MS = 2_000;
/** While reading is paused, an exit is looked for this often: node-pty drops what is unread 200 ms after an exit. */
export const EXIT_LOOK_MS = 80;
/** Address ranges that belong to the cluster: Services, pods, nodes and load balancers. */
export const CLUSTER_RANGES = ['10.96.0.0/12', '10.244.0.0/16', '172.30.0.0/16'] as const;
