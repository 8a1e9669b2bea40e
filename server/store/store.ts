import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import type { Kysely } from 'kysely';

import { openDatabase } from './database.ts';
import { migrate, type Tables } from './tables.ts';

export interface StoredSession {
  readonly id: string;
  readonly learner: string;
  readonly lab: string;
}

/** What outlives the server: learners, their sessions and progress, snapshots of their clusters and archives of their homes. */
export class Store implements AsyncDisposable {
  readonly #db: Kysely<Tables>;
  readonly #now: () => number;

  private constructor(db: Kysely<Tables>, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  /**
   * Opens the store in a folder, which is made when missing.
   * @throws StoreError when the folder or the file in it cannot be written
   */
  static async open(folder: string, now: () => number = Date.now): Promise<Store> {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const db = openDatabase(path.join(folder, 'regatta.sqlite'));
      await migrate(db);
      return new Store(db, now);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new StoreError(
        `Cannot keep progress in ${folder}: ${why}; choose another folder with --data`,
        {
          cause,
        },
      );
    }
  }

  async hasLearner(id: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('learners')
      .select('id')
      .where('id', '=', id)
      .executeTakeFirst();
    return row !== undefined;
  }

  async addLearner(id: string): Promise<void> {
    await this.#db
      .insertInto('learners')
      .values({ id, created_ms: this.#now() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  /** The learner's session in a lab, made under `id` when there is none. */
  async findOrAddSession(session: StoredSession): Promise<StoredSession> {
    await this.#db
      .insertInto('sessions')
      .values({ ...session, created_ms: this.#now() })
      .onConflict((conflict) => conflict.columns(['learner', 'lab']).doNothing())
      .execute();
    return this.#db
      .selectFrom('sessions')
      .select(['id', 'learner', 'lab'])
      .where('learner', '=', session.learner)
      .where('lab', '=', session.lab)
      .executeTakeFirstOrThrow();
  }

  async sessionsOf(learner: string): Promise<readonly StoredSession[]> {
    return this.#db
      .selectFrom('sessions')
      .select(['id', 'learner', 'lab'])
      .where('learner', '=', learner)
      .execute();
  }

  /** The session when it belongs to the learner; undefined otherwise. */
  async session(id: string, learner: string): Promise<StoredSession | undefined> {
    return this.#db
      .selectFrom('sessions')
      .select(['id', 'learner', 'lab'])
      .where('id', '=', id)
      .where('learner', '=', learner)
      .executeTakeFirst();
  }

  /** Forgets a session with its progress, snapshot and home. */
  async deleteSession(id: string): Promise<void> {
    await this.#db.deleteFrom('sessions').where('id', '=', id).execute();
  }

  /** Steps done, from 0, in order. */
  async doneSteps(session: string): Promise<readonly number[]> {
    const rows = await this.#db
      .selectFrom('steps_done')
      .select('step')
      .where('session', '=', session)
      .orderBy('step')
      .execute();
    return rows.map((row) => row.step);
  }

  /** On disk when the promise settles. */
  async markDone(session: string, step: number): Promise<void> {
    await this.#db
      .insertInto('steps_done')
      .values({ session, step, done_ms: this.#now() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async saveSnapshot(session: string, cluster: Uint8Array): Promise<void> {
    const row = { cluster, taken_ms: this.#now() };
    await this.#db
      .insertInto('snapshots')
      .values({ session, ...row })
      .onConflict((conflict) => conflict.column('session').doUpdateSet(row))
      .execute();
  }

  async snapshot(session: string): Promise<Uint8Array | undefined> {
    const row = await this.#db
      .selectFrom('snapshots')
      .select('cluster')
      .where('session', '=', session)
      .executeTakeFirst();
    return row?.cluster;
  }

  async saveHome(session: string, archive: Uint8Array): Promise<void> {
    const row = { archive, taken_ms: this.#now() };
    await this.#db
      .insertInto('homes')
      .values({ session, ...row })
      .onConflict((conflict) => conflict.column('session').doUpdateSet(row))
      .execute();
  }

  async home(session: string): Promise<Uint8Array | undefined> {
    const row = await this.#db
      .selectFrom('homes')
      .select('archive')
      .where('session', '=', session)
      .executeTakeFirst();
    return row?.archive;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#db.destroy();
  }
}

/** The store cannot be used; the message says what to do. */
export class StoreError extends Error {
  readonly code = 'store-unusable';
}
