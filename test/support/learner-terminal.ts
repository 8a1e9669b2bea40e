import assert from 'node:assert/strict';

import type { Page, PageSocket } from '../security/page.ts';
import { until } from './until.ts';

const SIZE = { columns: 120, rows: 24 };
const ANSWER_MS = 30_000;

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
  socket.on('terminal:data', (id, offset, data) => {
    if (id !== terminal) return;
    output += Buffer.from(data).toString();
    socket.emit('terminal:ack', terminal, offset + data.length);
  });
  const attached = await socket.emitWithAck('terminal:attach', { terminal, token, ...SIZE });
  assert.ok(attached.ok);
  output += Buffer.from(attached.value.data).toString();
  socket.emit('terminal:input', terminal, `clear; ${line}; echo mark-$((6*7))\r`);
  await until(
    async () => output.includes('mark-42'),
    ANSWER_MS,
    async () => output,
  );
  return output;
}
