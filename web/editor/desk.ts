import type { EditorState, Text } from '@codemirror/state';

import { ANY_VERSION, type FileVersion, NO_FILE, type ProblemView } from '#protocol';

import { asProblem } from '../api/http.ts';
import { Observable } from '../frame/observable.ts';
import { newState, withText } from './code-state.ts';
import { type Draft, Drafts } from './drafts.ts';
import type { FilesClient } from './files-client.ts';

/** A file in the editor. */
export interface OpenFile {
  /** Absolute. */
  readonly path: string;
  readonly state: EditorState;
  /** Counts the times that the text came from elsewhere than the keyboard. */
  readonly revision: number;
  /** What the file holds, as far as is known. */
  readonly saved: Text;
  readonly version: FileVersion;
  readonly isSaving: boolean;
  /** The file has changed, or gone, since unsaved text was begun. */
  readonly hasConflict: boolean;
  readonly problem: ProblemView | undefined;
}

/** What of the sandbox the desk needs. */
export type FilesOfDesk = Pick<FilesClient, 'read' | 'version' | 'write'>;

export interface DeskState {
  readonly files: readonly OpenFile[];
  /** Path of the file in front. */
  readonly front: string | undefined;
  /** Why a file could not be opened. */
  readonly problem: { readonly path: string; readonly problem: ProblemView } | undefined;
}

const EMPTY: DeskState = { files: [], front: undefined, problem: undefined };

export function isUnsaved(file: OpenFile): boolean {
  return !file.state.doc.eq(file.saved);
}

/** The open files, and what is written to and read from the sandbox. Text that is not saved is never thrown away unasked. */
export class EditorDesk {
  readonly #client: FilesOfDesk;
  readonly #drafts: Drafts;
  readonly #store = new Observable<DeskState>(EMPTY);

  constructor(client: FilesOfDesk, session: string) {
    this.#client = client;
    this.#drafts = new Drafts(session);
  }

  readonly subscribe = this.#store.subscribe;
  readonly state = this.#store.state;

  /** Takes up what was not saved when the page went away. */
  async restore(): Promise<void> {
    for (const [path, draft] of this.#drafts.read()) await this.open(path, { draft });
  }

  /** Brings a file to the front, read from the sandbox when it is not open; `isNew` makes it when there is none. */
  async open(
    path: string,
    options: { readonly isNew?: boolean; readonly draft?: Draft } = {},
  ): Promise<void> {
    const known = this.#file(path);
    if (known) {
      this.#set({ front: path, problem: undefined });
      return;
    }
    try {
      const read = await this.#readOrMake(path, options);
      if (!this.#file(read.path)) this.#add(read, options.draft);
      this.#set({ front: read.path, problem: undefined });
    } catch (error) {
      this.#set({ problem: { path, problem: asProblem(error).problem } });
    }
  }

  /** Takes a file away, with what is unsaved in it. */
  close(path: string): void {
    const at = this.state().files.findIndex((file) => file.path === path);
    const files = this.state().files.filter((file) => file.path !== path);
    const neighbour = files[Math.min(Math.max(at, 0), files.length - 1)]?.path;
    this.#set({ files, front: this.state().front === path ? neighbour : this.state().front });
    this.#keepDrafts();
  }

  /** What the learner typed. */
  typed(path: string, state: EditorState): void {
    const file = this.#file(path);
    if (!file || file.state === state) return;
    const isEdit = !file.state.doc.eq(state.doc);
    this.#change(path, { state });
    if (isEdit) this.#keepDrafts();
  }

  /** Writes the file, if it still is what was read; `isForced` writes over whatever is there. */
  async save(path: string, { isForced = false } = {}): Promise<void> {
    const file = this.#file(path);
    if (!file || file.isSaving) return;
    const { doc } = file.state;
    this.#change(path, { isSaving: true, problem: undefined });
    try {
      const wanted = isForced ? ANY_VERSION : file.version;
      const { version } = await this.#client.write(path, wanted, doc.toString());
      this.#change(path, { isSaving: false, saved: doc, version, hasConflict: false });
    } catch (error) {
      const problem = asProblem(error).problem;
      const hasConflict = problem.code === 'file-changed';
      this.#change(path, { isSaving: false, hasConflict, ...(!hasConflict && { problem }) });
    }
    this.#keepDrafts();
  }

  /** Takes the text of the file, in place of what is in the editor; that comes back with undo. */
  async reload(path: string): Promise<void> {
    try {
      const { text, version } = await this.#client.read(path);
      const file = this.#file(path);
      if (!file) return;
      const state = withText(file.state, text);
      this.#change(path, {
        state,
        saved: state.doc,
        version,
        hasConflict: false,
        problem: undefined,
        revision: file.revision + 1,
      });
    } catch (error) {
      this.#change(path, { problem: asProblem(error).problem });
    }
    this.#keepDrafts();
  }

  /** Looks whether the shell has changed the file in front: an untouched one follows, one with unsaved text says so. */
  async look(): Promise<void> {
    const { front } = this.state();
    if (front === undefined) return;
    try {
      const { version } = await this.#client.version(front);
      const file = this.#file(front);
      if (!file || file.isSaving || file.version === version) return;
      if (isUnsaved(file) || version === NO_FILE) this.#change(front, { hasConflict: true });
      else await this.reload(front);
    } catch {
      // Saving, or the next look, will tell.
    }
  }

  dismiss(): void {
    this.#set({ problem: undefined });
  }

  /** A file or folder has another name now. */
  moved(from: string, to: string): void {
    const rename = (path: string) =>
      path === from || path.startsWith(`${from}/`) ? to + path.slice(from.length) : path;
    const { files, front } = this.state();
    this.#set({
      files: files.map((file) => ({ ...file, path: rename(file.path) })),
      front: front === undefined ? undefined : rename(front),
    });
    this.#keepDrafts();
  }

  async #readOrMake(path: string, { isNew, draft }: { isNew?: boolean; draft?: Draft }) {
    try {
      return await this.#client.read(path);
    } catch (error) {
      if (asProblem(error).problem.code !== 'file-missing') throw error;
      if (draft) return { path, version: NO_FILE, text: '' };
      if (isNew !== true) throw error;
    }
    return { ...(await this.#client.write(path, NO_FILE, '')), text: '' };
  }

  #add(read: { path: string; version: FileVersion; text: string }, draft: Draft | undefined): void {
    const saved = newState(read.path, read.text);
    const file: OpenFile = {
      path: read.path,
      state: draft ? withText(saved, draft.text) : saved,
      revision: 0,
      saved: saved.doc,
      version: read.version,
      isSaving: false,
      hasConflict: draft !== undefined && draft.version !== read.version,
      problem: undefined,
    };
    this.#set({ files: [...this.state().files, file] });
  }

  #file(path: string): OpenFile | undefined {
    return this.state().files.find((file) => file.path === path);
  }

  #change(path: string, change: Partial<OpenFile>): void {
    const files = this.state().files.map((file) =>
      file.path === path ? { ...file, ...change } : file,
    );
    this.#set({ files });
  }

  #keepDrafts(): void {
    const unsaved = this.state().files.filter(isUnsaved);
    this.#drafts.write(
      new Map(
        unsaved.map(({ path, state, version }) => [path, { text: state.doc.toString(), version }]),
      ),
    );
  }

  #set(change: Partial<DeskState>): void {
    this.#store.set({ ...this.state(), ...change });
  }
}
