export type FileErrorCode =
  | 'ENOENT'
  | 'EISDIR'
  | 'ENOTDIR'
  | 'EEXIST'
  | 'ENOTEMPTY'
  | 'ENOSPC'
  | 'EINVAL'
  | 'EROFS';

const WORDS: Readonly<Record<FileErrorCode, string>> = {
  ENOENT: 'no such file or directory',
  EISDIR: 'illegal operation on a directory',
  ENOTDIR: 'not a directory',
  EEXIST: 'file already exists',
  ENOTEMPTY: 'directory not empty',
  ENOSPC: 'no space left on device',
  EINVAL: 'invalid argument',
  EROFS: 'Read-only file system',
};

/** A refusal by a container's file system, worded as Node words those of the operating system: commands parse it. */
export class FileError extends Error {
  readonly code: FileErrorCode;

  constructor(code: FileErrorCode, call: string, path: string) {
    // Commands do not know this one, and print it as it is.
    super(code === 'EROFS' ? WORDS[code] : `${code}: ${WORDS[code]}, ${call} '${path}'`);
    this.name = 'FileError';
    this.code = code;
  }
}
