import type { Duplex } from 'node:stream';

import { isObject } from '../../../kinds/json.ts';
import type { Target } from '../../../net/network.ts';
import { untilAborted } from '../../../node/shell/commands/until-aborted.ts';
import type { ContainerContext } from '../../program.ts';
import { MongoMessages } from './mongo-messages.ts';
import { quit, selectColumn, signIn } from './mysql-client.ts';

/** Stars of the two reviewers, or which step the database did not take. */
export type StoredStars =
  | { readonly type: 'stars'; readonly stars: readonly number[] }
  | { readonly type: 'unreachable' | 'unreadable'; readonly reason: string };

/** How long the drivers try to reach a database. */
const CONNECT_TIMEOUT_MS = { mongo: 30_000, mysql: 10_000 };

/** Reads the stars from MySQL, as `DB_TYPE` and its variables say, or from MongoDB at `MONGO_DB_URL`. */
export function storedStars(context: ContainerContext): Promise<StoredStars> {
  return context.env['DB_TYPE'] === 'mysql' ? fromMysql(context) : fromMongo(context);
}

function fromMysql(context: ContainerContext): Promise<StoredStars> {
  const { env } = context;
  const target = {
    host: env['MYSQL_DB_HOST'] ?? 'localhost',
    port: Number(env['MYSQL_DB_PORT'] ?? 3306),
  };
  const account = {
    user: env['MYSQL_DB_USER'] ?? '',
    password: env['MYSQL_DB_PASSWORD'] ?? '',
    database: 'test',
  };
  return converse(
    context,
    { target, timeoutMs: CONNECT_TIMEOUT_MS.mysql },
    {
      greet: (connection) => signIn(connection, account),
      ask: async (packets) => {
        const values = await selectColumn(packets, 'SELECT Rating FROM ratings');
        quit(packets);
        return values.map(Number);
      },
    },
  );
}

/** `mongodb://user:password@host:port/database`; sign-in is not simulated, and not asked for by our server. */
const MONGO_URL = /^mongodb:\/\/(?:[^@/]*@)?([^:/,]+)(?::(\d+))?/;

async function fromMongo(context: ContainerContext): Promise<StoredStars> {
  const url = context.env['MONGO_DB_URL'] ?? '';
  const [, host, port = '27017'] = MONGO_URL.exec(url) ?? [];
  if (host === undefined)
    return { type: 'unreachable', reason: 'MongoParseError: Invalid connection string' };
  const target = { host, port: Number(port) };
  return converse(
    context,
    { target, timeoutMs: CONNECT_TIMEOUT_MS.mongo },
    {
      greet: async (connection) => {
        const messages = new MongoMessages(connection);
        await messages.ask({ hello: 1, $db: 'admin' });
        return messages;
      },
      ask: async (messages) => {
        const { cursor } = await messages.ask({ find: 'ratings', filter: {}, $db: 'test' });
        const batch = isObject(cursor) ? cursor['firstBatch'] : undefined;
        if (!Array.isArray(batch)) throw new Error('MongoDB has no ratings');
        return batch.map((one) => (isObject(one) ? Number(one['rating']) : 0));
      },
    },
  );
}

interface Conversation<Session> {
  readonly greet: (connection: Duplex) => Promise<Session>;
  readonly ask: (session: Session) => Promise<readonly number[]>;
}

async function converse<Session>(
  { clock, network }: ContainerContext,
  { target, timeoutMs }: { readonly target: Target; readonly timeoutMs: number },
  { greet, ask }: Conversation<Session>,
): Promise<StoredStars> {
  const late = new AbortController();
  using timer = clock.after(timeoutMs, () => late.abort(new Error('connect ETIMEDOUT')));
  void timer;
  let connection: Duplex | undefined;
  let isGreeted = false;
  try {
    connection = await untilAborted(network.connect(target, late.signal), late.signal);
    // What goes wrong after somebody has stopped waiting concerns nobody.
    connection.on('error', () => undefined);
    const session = await untilAborted(greet(connection), late.signal);
    isGreeted = true;
    return { type: 'stars', stars: await untilAborted(ask(session), late.signal) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    return { type: isGreeted ? 'unreadable' : 'unreachable', reason };
  } finally {
    connection?.end();
  }
}
