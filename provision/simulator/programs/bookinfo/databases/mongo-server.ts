import type { Duplex } from 'node:stream';

import { idle } from '../../idle.ts';
import { repositoryOf } from '../../images.ts';
import type { ContainerContext, Program } from '../../program.ts';
import { listenTcp } from '../../tcp-server.ts';
import type { BsonDocument } from './bson.ts';
import { MongoMessages } from './mongo-messages.ts';

const PORT = 27_017;
const VERSION = '8.0.13';

/** Bookinfo's MongoDB: one collection, `ratings`, with the stars of two reviewers. */
export const mongoServer: Program = {
  images: ['istio/examples-bookinfo-mongodb'],
  matches: (image) => repositoryOf(image).split('/').at(-1) === 'examples-bookinfo-mongodb',
  commands: ['bash'],
  start(context) {
    const listening = listenTcp(context.network, PORT, (connection) => {
      // Who leaves, or speaks something else, gets no answer.
      serve(connection).catch(() => connection.destroy());
    });
    log(context, 'Waiting for connections', { port: PORT, ssl: 'off' });
    return idle(listening);
  },
};

/** A line of MongoDB's structured log. */
function log({ clock, log: write }: ContainerContext, msg: string, attr: object): void {
  const t = { $date: new Date(clock.now()).toISOString().replace('Z', '+00:00') };
  write(JSON.stringify({ t, s: 'I', c: 'NETWORK', id: 23016, ctx: 'listener', msg, attr }));
}

async function serve(connection: Duplex): Promise<never> {
  const messages = new MongoMessages(connection);
  for (;;) {
    const { id, document } = await messages.read();
    messages.write(answerTo(document), id);
  }
}

const RATINGS: readonly BsonDocument[] = [{ rating: 5 }, { rating: 4 }];

function answerTo(command: BsonDocument): BsonDocument {
  const [name = ''] = Object.keys(command);
  switch (name) {
    case 'hello':
    case 'isMaster':
    case 'ismaster':
      return {
        isWritablePrimary: true,
        ismaster: true,
        maxWireVersion: 25,
        minWireVersion: 0,
        ok: 1,
      };
    case 'ping':
    case 'endSessions':
      return { ok: 1 };
    case 'buildInfo':
      return { version: VERSION, ok: 1 };
    case 'find': {
      const { find, $db: database } = command;
      const isKnown = find === 'ratings' && database === 'test';
      const ns =
        typeof find === 'string' && typeof database === 'string' ? `${database}.${find}` : '';
      return { cursor: { firstBatch: isKnown ? RATINGS : [], id: 0, ns }, ok: 1 };
    }
    default:
      return {
        ok: 0,
        code: 59,
        codeName: 'CommandNotFound',
        errmsg: `The Regatta simulator's MongoDB has no command '${name}'`,
      };
  }
}
