import assert from 'node:assert/strict';

import type { Page, PageSocket } from '../security/page.ts';

const SIZE = { columns: 120, rows: 24 };

/** Joins a session as its page does. */
export async function join(page: Page, session: string): Promise<PageSocket> {
  const socket = await page.connect();
  const joined = await socket.emitWithAck('session:join', { session, locale: 'en' });
  assert.ok(joined.ok);
  assert.equal(joined.value.home, 'kept');
  return socket;
}

/** What a shell says to a line of the learner's, up to a mark that the shell itself computes. */
export async function say(socket: PageSocket, line: string): Promise<string> {
  const opened = await socket.emitWithAck('terminal:open', SIZE);
  assert.ok(opened.ok);
  const { terminal, token } = opened.value;
  let output = '';
  const isDone = () => output.includes('mark-42');
  const done = Promise.withResolvers<void>();
  const take = (data: Uint8Array | string) => {
    output += typeof data === 'string' ? data : Buffer.from(data).toString();
    if (isDone()) done.resolve();
  };
  socket.on('terminal:data', (id, offset, data) => {
    if (id !== terminal) return;
    take(data);
    socket.emit('terminal:ack', terminal, offset + data.length);
  });
  const attached = await socket.emitWithAck('terminal:attach', { terminal, token, ...SIZE });
  assert.ok(attached.ok);
  take(attached.value.data);
  socket.emit('terminal:input', terminal, `clear; ${line}; echo mark-$((6*7))\r`);
  await done.promise;
  return output;
}
