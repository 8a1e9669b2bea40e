/** Every limit of a learner's sandbox, with unit and reason. */

/** Everything the learner may write, together: home, /tmp, /run, /dev/shm. Held in memory. */
export const WRITABLE_SIZE = '128m';
/** Files and folders on it. */
export const WRITABLE_INODES = '16k';
/** Processes of one learner: shells, kubectl with its threads, a fork bomb. */
export const PROCESSES = 256;
/** Address space of one process in KiB: Node (istioctl) reserves many gigabytes without using them. */
export const ADDRESS_SPACE_KIB = 48 * 1024 * 1024;
/** Time for a new box to say that it is ready. */
export const START_MS = 10_000;
/** Output of a program without a terminal that is kept. */
export const RUN_OUTPUT_BYTES = 4 * 1024 * 1024;
/** Keys and pastes that wait for a program that does not read. */
export const INPUT_BYTES = 1024 * 1024;
/** Time between the rungs of the ladder: hang up, terminate, kill. */
export const KILL_STEP_MS = 2_000;
/** Address ranges that belong to the cluster: Services, pods, nodes and load balancers. */
export const CLUSTER_RANGES = ['10.96.0.0/12', '10.244.0.0/16', '172.30.0.0/16'] as const;
