import type { FileStamp, FileText, FileVersion, FolderView } from '#protocol';

import { requestJson } from '../api/http.ts';

/** How long to wait when there were too many requests in a short time. */
const AGAIN_MS = 1_000;
const ATTEMPTS = 20;

/** The files of one session, as the server tells them. All throw ProblemError. */
export class FilesClient {
  readonly #base: string;

  constructor(session: string) {
    this.#base = `/api/sessions/${encodeURIComponent(session)}`;
  }

  list(path: string): Promise<FolderView> {
    return this.#ask('GET', `files?path=${encodeURIComponent(path)}`);
  }

  read(path: string): Promise<FileText> {
    return this.#ask('GET', `files/text?path=${encodeURIComponent(path)}`);
  }

  version(path: string): Promise<FileStamp> {
    return this.#ask('GET', `files/version?path=${encodeURIComponent(path)}`);
  }

  write(path: string, version: FileVersion, body: string | Blob): Promise<FileStamp> {
    const query = `path=${encodeURIComponent(path)}&version=${encodeURIComponent(version)}`;
    // As bytes: a browser would add the type of a text or of a file.
    const bytes = new Blob([body], { type: 'application/octet-stream' });
    return this.#ask('PUT', `files?${query}`, bytes);
  }

  makeFolder(path: string): Promise<FileStamp> {
    return this.#ask('POST', 'files/folders', { path });
  }

  move(from: string, to: string): Promise<FileStamp> {
    return this.#ask('POST', 'files/moves', { from, to });
  }

  delete(path: string): Promise<void> {
    return this.#ask('DELETE', `files?path=${encodeURIComponent(path)}`);
  }

  /** OpenAPI v3 of the cluster: all groups, or one of them. */
  schemas(group?: string): Promise<unknown> {
    const query = group === undefined ? '' : `?group=${encodeURIComponent(group)}`;
    return this.#ask('GET', `schemas${query}`);
  }

  /** Where a browser downloads a file, or a folder packed. */
  downloadAddress(path: string): string {
    return `${this.#base}/files/download?path=${encodeURIComponent(path)}`;
  }

  async #ask<T>(method: string, place: string, body?: unknown): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await requestJson<T>(`${this.#base}/${place}`, { method, body });
      } catch (error) {
        if (!isTooOften(error) || attempt === ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  }
}

function isTooOften(error: unknown): boolean {
  return error instanceof Error && 'status' in error && error.status === 429;
}
