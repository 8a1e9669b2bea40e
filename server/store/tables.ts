import { type Kysely, sql } from 'kysely';

/** Times are milliseconds since the Unix epoch. */
export interface Tables {
  readonly learners: { readonly id: string; readonly created_ms: number };
  readonly sessions: {
    readonly id: string;
    readonly learner: string;
    readonly lab: string;
    readonly created_ms: number;
  };
  readonly steps_done: {
    readonly session: string;
    readonly step: number;
    readonly done_ms: number;
  };
  readonly snapshots: {
    readonly session: string;
    readonly cluster: Uint8Array;
    readonly taken_ms: number;
  };
  /** Archives of learners' homes, as tar in the sandbox wrote them. */
  readonly homes: {
    readonly session: string;
    readonly archive: Uint8Array;
    readonly taken_ms: number;
  };
  readonly schema_version: { readonly version: number };
}

const MIGRATIONS: readonly ((db: Kysely<Tables>) => Promise<void>)[] = [
  async (db) => {
    await db.schema
      .createTable('learners')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('created_ms', 'integer', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('sessions')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('learner', 'text', (column) =>
        column.notNull().references('learners.id').onDelete('cascade'),
      )
      .addColumn('lab', 'text', (column) => column.notNull())
      .addColumn('created_ms', 'integer', (column) => column.notNull())
      .addUniqueConstraint('one_session_per_lab', ['learner', 'lab'])
      .execute();
    await db.schema
      .createTable('steps_done')
      .addColumn('session', 'text', (column) =>
        column.notNull().references('sessions.id').onDelete('cascade'),
      )
      .addColumn('step', 'integer', (column) => column.notNull())
      .addColumn('done_ms', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('steps_done_key', ['session', 'step'])
      .execute();
    await db.schema
      .createTable('snapshots')
      .addColumn('session', 'text', (column) =>
        column.primaryKey().references('sessions.id').onDelete('cascade'),
      )
      .addColumn('cluster', 'blob', (column) => column.notNull())
      .addColumn('taken_ms', 'integer', (column) => column.notNull())
      .execute();
  },
  async (db) => {
    await db.schema
      .createTable('homes')
      .addColumn('session', 'text', (column) =>
        column.primaryKey().references('sessions.id').onDelete('cascade'),
      )
      .addColumn('archive', 'blob', (column) => column.notNull())
      .addColumn('taken_ms', 'integer', (column) => column.notNull())
      .execute();
  },
];

/** Brings the database to the newest schema. A newer one than this program knows is refused. */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  await sql`create table if not exists schema_version (version integer not null)`.execute(db);
  await db.transaction().execute(async (transaction) => {
    const row = await transaction.selectFrom('schema_version').select('version').executeTakeFirst();
    const version = row?.version ?? 0;
    if (version > MIGRATIONS.length) {
      throw new Error(
        `Cannot use the store: it was written by a newer Regatta (schema ${version})`,
      );
    }
    for (const step of MIGRATIONS.slice(version)) await step(transaction);
    await transaction.deleteFrom('schema_version').execute();
    await transaction.insertInto('schema_version').values({ version: MIGRATIONS.length }).execute();
  });
}
