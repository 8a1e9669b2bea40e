/** Every limit of nodes, containers and their shells: unit in the name, reason beside it. */

/** Kept of one container's log; older lines go, as they do when a kubelet rotates (containerLogMaxSize is 10Mi, ours is a simulator's share). */
export const LOG_LIMIT_BYTES = 256 * 1024;

/** Kept of each ended container's log in a snapshot: what `kubectl logs` of a finished Job shows. */
export const SAVED_LOG_LIMIT_BYTES = 4 * 1024;

/** One log line; longer ones are split, as CRI runtimes do at 16 KiB. */
export const LOG_LINE_LIMIT_BYTES = 16 * 1024;

/** Files a container may hold beside those of its image: a lab writes configuration and downloads, not disks. */
export const CONTAINER_FILES_LIMIT_BYTES = 16 * 1024 * 1024;

/** Entries in a container's file tree, the image's included. */
export const CONTAINER_FILES_LIMIT_ENTRIES = 20_000;

/** Symbolic links followed in one look-up (path_resolution(7): 40). */
export const SYMLINK_LIMIT = 40;

/** Standard input that a command is given before it starts; what is piped into `kubectl exec -i` fits. */
export const STDIN_LIMIT_BYTES = 16 * 1024 * 1024;

/** Commands one script may run: a loop with a pause lasts days, one without ends in seconds. */
export const SCRIPT_LIMIT_COMMANDS = 1_000_000;

/** What a script may write in all: it is passed on as it comes, so that this only ends runaways. */
export const SCRIPT_LIMIT_OUTPUT_BYTES = 1024 * 1024 * 1024;

/** What a script may hold at one time in variables, pipes and command substitutions. */
export const SCRIPT_LIMIT_LIVE_BYTES = 32 * 1024 * 1024;

/** How long one script may run. */
export const SCRIPT_LIMIT_MS = 7 * 24 * 3_600_000;

/** Commands of a script that run before other work of the process gets its turn. */
export const SCRIPT_TURN_COMMANDS = 32;

/** Lines an interactive shell remembers. */
export const HISTORY_LIMIT_LINES = 500;

/** Length of a line typed at a prompt. */
export const INPUT_LINE_LIMIT_CHARACTERS = 16 * 1024;

/** Commands that run at the same time in one container. */
export const EXEC_LIMIT_PROCESSES = 64;

/** Back-off of a container that keeps ending: 10 s, doubled each time, at most 5 min (pod lifecycle, "Container restarts"). */
export const RESTART_BACKOFF_START_MS = 10_000;
export const RESTART_BACKOFF_LIMIT_MS = 300_000;
/** A container that ran this long starts again without delay. */
export const RESTART_BACKOFF_RESET_MS = 600_000;

/** An image that is not there is asked for again with the same back-off. */
export const PULL_BACKOFF_START_MS = 10_000;
export const PULL_BACKOFF_LIMIT_MS = 300_000;

/** What a container may leave in the file for its last words (determine the reason for pod failure: 4096 bytes). */
export const TERMINATION_MESSAGE_LIMIT_BYTES = 4_096;

/** What is left of a log for `terminationMessagePolicy: FallbackToLogsOnError`. */
export const TERMINATION_LOG_LIMIT_BYTES = 2_048;

/** Addresses a node can give: its /24 without network, gateway and broadcast. */
export const POD_ADDRESSES_PER_NODE = 253;

/** Pods a node takes (kubelet maxPods). */
export const PODS_PER_NODE = 110;

/** Probes of a container that is well come no more often than this: an idle cluster must cost nothing. */
export const STEADY_PROBE_MIN_MS = 10_000;

/** First pause between tries of a probe that has not passed yet; doubled up to its period. */
export const FIRST_PROBE_RETRY_MS = 100;

/** How often a container whose ConfigMap or Secret is missing looks again (kubelet's sync loop takes about as long). */
export const CONFIG_RETRY_MS = 5_000;

/** Requests count towards a container's CPU by e^(-age / this): about the 15 s between two looks of metrics-server. */
export const METER_DECAY_MS = 15_000;

/** A container has metrics so long after its start (metrics-server, --metric-resolution): one look must have passed. */
export const FIRST_METRICS_MS = 15_000;

/** Time over which metrics say that they were measured (metrics-server, --metric-resolution). */
export const METRICS_WINDOW_MS = 15_000;

/** What a kubelet renews its Lease after (a quarter of nodeLeaseDurationSeconds, 40). */
export const LEASE_RENEWAL_MS = 10_000;

/** What a kubelet reports an unchanged status after (nodeStatusReportFrequency). */
export const STATUS_REPORT_MS = 300_000;

/** A host name (RFC 1123); the rest of a longer pod name is cut off. */
export const HOSTNAME_LIMIT_CHARACTERS = 63;

/** Pods of the control plane that are deleted are back after this, as the kubelet's next look brings them. */
export const MIRROR_POD_RETURN_MS = 1_000;

/** What a process writes while an attached client does not read; more is missed by that client, not by the log. */
export const ATTACH_BACKLOG_LIMIT_BYTES = 1024 * 1024;

/** How long an attached client whose input has ended is shown what that brought about. */
export const ATTACH_REST_MS = 1_000;

/** How long a shell without a terminal waits for the end of its input before it runs it line by line. */
export const SCRIPT_ARRIVAL_MS = 300;

/** Lines of `yes`, which would have no end: who reads it wants a few. */
export const YES_LIMIT_LINES = 10_000;
