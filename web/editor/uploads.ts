import { ANY_VERSION, NO_FILE, type ProblemView, TRANSFER_BYTES } from '#protocol';

import { asProblem, ProblemError } from '../api/http.ts';
import { Observable } from '../frame/observable.ts';
import type { LocalFile } from './dropped-files.ts';
import type { FilesClient } from './files-client.ts';
import { within } from './folder-store.ts';

export type Overwrite = 'replace' | 'replace-all' | 'skip' | 'stop';

export interface UploadState {
  /** What is on its way; undefined when nothing is. */
  readonly current:
    | { readonly name: string; readonly number: number; readonly count: number }
    | undefined;
  /** A file that is there already, and what to do with it. */
  readonly question:
    | { readonly name: string; readonly answer: (choice: Overwrite) => void }
    | undefined;
  /** What could not be sent, and why. */
  readonly refused: readonly { readonly name: string; readonly problem: ProblemView }[];
}

const IDLE: UploadState = { current: undefined, question: undefined, refused: [] };

/** Brings files of the learner's computer into the sandbox, one after the other. */
export class Uploads {
  readonly #client: Pick<FilesClient, 'write'>;
  readonly #store = new Observable<UploadState>(IDLE);
  #queue: Promise<unknown> = Promise.resolve();

  constructor(client: Pick<FilesClient, 'write'>) {
    this.#client = client;
  }

  readonly subscribe = this.#store.subscribe;
  readonly state = this.#store.state;

  /** @returns how many have arrived */
  send(files: readonly LocalFile[], folder: string): Promise<number> {
    const sending = this.#queue.then(() => this.#sendAll(files, folder));
    this.#queue = sending;
    return sending;
  }

  dismiss(): void {
    this.#set({ refused: [] });
  }

  async #sendAll(files: readonly LocalFile[], folder: string): Promise<number> {
    let sent = 0;
    let rule: Overwrite | undefined;
    this.#set({ refused: [] });
    for (const [index, { path, file }] of files.entries()) {
      this.#set({ current: { name: path, number: index + 1, count: files.length } });
      const outcome = await this.#sendOne(within(folder, path), file, rule);
      if (outcome === 'replace-all') rule = outcome;
      if (outcome === 'stop') break;
      if (outcome !== 'skip') sent += 1;
    }
    this.#set({ current: undefined });
    return sent;
  }

  async #sendOne(path: string, file: File, rule: Overwrite | undefined): Promise<Overwrite> {
    try {
      if (file.size > TRANSFER_BYTES) {
        throw new ProblemError({ code: 'file-too-large-to-send', message: '' }, 0);
      }
      await this.#client.write(path, rule === 'replace-all' ? ANY_VERSION : NO_FILE, file);
      return 'replace';
    } catch (error) {
      const problem = asProblem(error).problem;
      if (problem.code !== 'file-changed') return this.#refuse(path, problem);
    }
    const choice = await this.#ask(path);
    if (choice === 'skip' || choice === 'stop') return choice;
    try {
      await this.#client.write(path, ANY_VERSION, file);
      return choice;
    } catch (error) {
      return this.#refuse(path, asProblem(error).problem);
    }
  }

  #refuse(name: string, problem: ProblemView): Overwrite {
    this.#set({ refused: [...this.state().refused, { name, problem }] });
    return 'skip';
  }

  async #ask(name: string): Promise<Overwrite> {
    const { promise, resolve: answer } = Promise.withResolvers<Overwrite>();
    this.#set({ question: { name, answer } });
    const choice = await promise;
    this.#set({ question: undefined });
    return choice;
  }

  #set(change: Partial<UploadState>): void {
    this.#store.set({ ...this.state(), ...change });
  }
}
