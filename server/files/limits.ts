/** Limits of reading and writing learners' files, with unit and reason. What the page must know as well stands in the protocol. */
import type { Rate } from '../limits.ts';

/** Linux takes no longer path. */
export const PATH_BYTES = 4095;
/** Entries of a folder that are shown: more are for the shell. */
export const FOLDER_ENTRIES = 1_000;
/** What these entries may take together: names have up to 255 bytes. */
export const FOLDER_BYTES = 512 * 1024;
/** Time for one program in the box; it takes 30 ms, unless it reads something that never ends. */
export const FILE_MS = 10_000;
/** Time to pack or to bring a large file. */
export const TRANSFER_MS = 30_000;
/** A folder packed for the learner's computer; it is held in memory until it is sent. */
export const ARCHIVE_BYTES = 32 * 1024 * 1024;
/** Files of one learner on their way at once: each is held in memory. */
export const TRANSFERS_PER_LEARNER = 2;
/** The same for all learners: 24 of 32 MiB are as much memory as fifty idle sessions. */
export const TRANSFERS = 24;
/** What a learner does with files starts a program in the box each time: a folder of some files goes at once, then ten a second. */
export const FILE_RATE: Rate = { burst: 60, perSecond: 10 };
