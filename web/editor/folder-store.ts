import type { FileEntry, FolderView, ProblemView } from '#protocol';

import { ProblemError } from '../api/http.ts';
import { Observable } from '../frame/observable.ts';
import type { FilesClient } from './files-client.ts';

export interface FolderState {
  /** Path of the home; undefined until it is known. */
  readonly home: string | undefined;
  /** What has been read, by path. */
  readonly folders: ReadonlyMap<string, FolderView>;
  readonly open: ReadonlySet<string>;
  /** The file or folder that the buttons are about. */
  readonly chosen: { readonly path: string; readonly type: FileEntry['type'] } | undefined;
  readonly problem: ProblemView | undefined;
}

/** The folders that the learner looks into. */
export class FolderStore {
  readonly #client: FilesClient;
  readonly #store = new Observable<FolderState>({
    home: undefined,
    folders: new Map(),
    open: new Set(),
    chosen: undefined,
    problem: undefined,
  });

  constructor(client: FilesClient) {
    this.#client = client;
  }

  readonly subscribe = this.#store.subscribe;
  readonly state = this.#store.state;

  /** Reads the home and all folders that are open again; one that is gone is closed. */
  async refresh(): Promise<void> {
    await this.#read(this.state().home ?? '~');
    for (const path of this.state().open) if (path !== this.state().home) await this.#read(path);
  }

  async toggle(path: string): Promise<void> {
    const open = new Set(this.state().open);
    if (open.delete(path)) {
      this.#set({ open });
      return;
    }
    this.#set({ open: open.add(path) });
    await this.#read(path);
  }

  choose(path: string, type: FileEntry['type']): void {
    this.#set({ chosen: { path, type } });
  }

  /** Carries something out and shows what became of it. @returns whether it was done */
  async during(deed: () => Promise<unknown>): Promise<boolean> {
    this.#set({ problem: undefined });
    try {
      await deed();
      await this.refresh();
      return true;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  fail(error: unknown): void {
    const problem =
      error instanceof ProblemError
        ? error.problem
        : { code: 'unexpected', message: String(error) };
    this.#set({ problem });
  }

  dismiss(): void {
    this.#set({ problem: undefined });
  }

  /** Folder that new files go into: the chosen one, or the one that the chosen file is in. */
  get target(): string {
    const { chosen, home = '~' } = this.state();
    if (!chosen) return home;
    return chosen.type === 'folder' ? chosen.path : parentOf(chosen.path);
  }

  async #read(path: string): Promise<void> {
    try {
      const view = await this.#client.list(path);
      const folders = new Map(this.state().folders).set(view.path, view);
      this.#set({ folders, home: view.home });
    } catch (error) {
      const open = new Set(this.state().open);
      if (open.delete(path)) this.#set({ open });
      this.fail(error);
    }
  }

  #set(change: Partial<FolderState>): void {
    this.#store.set({ ...this.state(), ...change });
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

export function nameOf(path: string): string {
  return path.split('/').at(-1) || path;
}

export function within(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}
