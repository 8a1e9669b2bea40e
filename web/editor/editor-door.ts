import { Observable } from '../frame/observable.ts';
import type { LocalFile } from './dropped-files.ts';

/** Key of the editor's tab in the workspace. */
export const EDITOR_TAB = 'editor';

/** What is wanted of the editor. The number counts, so that asking twice for a file is heard twice. */
export type EditorRequest = { readonly number: number } & EditorWish;

type EditorWish =
  | { readonly type: 'open'; readonly path: string }
  | { readonly type: 'upload'; readonly files: readonly LocalFile[] };

/** Where the lesson asks for a file, and the terminals pass on what is dropped on them, before the editor is even loaded. */
export class EditorDoor {
  readonly #store = new Observable<EditorRequest | undefined>(undefined);

  readonly subscribe = this.#store.subscribe;
  readonly state = this.#store.state;

  /** Opens a file; makes it when there is none. */
  open(path: string): void {
    this.#ask({ type: 'open', path });
  }

  /** Puts files of the learner's computer into the sandbox. */
  upload(files: readonly LocalFile[]): void {
    this.#ask({ type: 'upload', files });
  }

  #ask(wish: EditorWish): void {
    this.#store.set({ ...wish, number: (this.state()?.number ?? 0) + 1 });
  }
}
