/** A folder of the learner's sandbox: `GET /api/sessions/:id/files?path=`. */
export interface FolderView {
  /** Absolute, with links as they were asked for. */
  readonly path: string;
  readonly home: string;
  /** Folders first, then by name. */
  readonly entries: readonly FileEntry[];
  /** Whether there are more entries than are told. */
  readonly isCut: boolean;
}

export interface FileEntry {
  readonly name: string;
  /** What a link leads to; `other`: a pipe, a device, a link to nothing. */
  readonly type: 'file' | 'folder' | 'other';
  readonly isLink: boolean;
  readonly bytes: number;
}

/** A file in the editor: `GET …/files/text?path=`. */
export interface FileText {
  readonly path: string;
  readonly version: FileVersion;
  readonly text: string;
}

/** Changes with every write; `none` where there is no file. */
export type FileVersion = string;

/** What `PUT …/files?path=&version=` and `GET …/files/version?path=` answer. */
export interface FileStamp {
  readonly path: string;
  readonly version: FileVersion;
}

/** `PUT` with this version replaces whatever is there. */
export const ANY_VERSION = 'any';
/** `PUT` with this version makes a new file. */
export const NO_FILE = 'none';

/** Largest file that the editor opens or saves, in bytes: beyond, a browser's editor is slow. */
export const EDITOR_BYTES = 1024 * 1024;
/** Largest file that is taken from or given to the learner's computer, in bytes. */
export const TRANSFER_BYTES = 16 * 1024 * 1024;
