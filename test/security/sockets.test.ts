import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startTestServer, type TestServer } from '../support/server.ts';
import { closed, openPage, type Page } from './page.ts';

const LAB = 'get-started';
const SIZE = { columns: 80, rows: 24 };
let running: TestServer;
let url: string;
let victim: Page;
let session: string;

before(async () => {
  running = await startTestServer();
  url = running.server.url;
  victim = await openPage(url);
  session = await victim.session(LAB);
});

after(async () => running[Symbol.asyncDispose]());

/** The right use of the server still works: after each attack, for somebody else. */
async function assertAlive(): Promise<void> {
  using socket = await victim.connect();
  const answer = await socket.emitWithAck('session:join', { session, locale: 'en' });
  assert.equal(answer.ok, true);
}

test('a socket is open to a page of this server with a known learner alone', async () => {
  const stranger = await openPage(url);
  const outcomes: Record<string, boolean> = {};
  const port = new URL(url).port;
  const origins = [
    url,
    'null',
    'http://evil.example',
    `http://127.0.0.1.evil.example:${port}`,
    `http://127.0.0.1:${port}0`,
    'http://127.0.0.1',
  ];
  for (const origin of origins) {
    using socket = await stranger.connect({ origin });
    outcomes[origin.replace(port, 'PORT')] = socket.connected;
  }
  using anonymous = await stranger.connect({ cookie: 'regatta_learner=%00' });
  assert.deepEqual(
    { ...outcomes, anonymous: anonymous.connected },
    {
      'http://127.0.0.1:PORT': true,
      null: false,
      'http://evil.example': false,
      'http://127.0.0.1.evil.example:PORT': false,
      'http://127.0.0.1:PORT0': false,
      'http://127.0.0.1': false,
      anonymous: false,
    },
  );
});

test("another learner's session is answered as one that does not exist", async () => {
  const stranger = await openPage(url);
  using socket = await stranger.connect();
  const join = (id: string) => socket.emitWithAck('session:join', { session: id, locale: 'en' });
  const answer = await join(session);
  assert.equal(answer.ok, false);
  assert.deepEqual(answer, await join('no-such-session'));
  const paths = ['', '/tabs/shop'].flatMap((rest) =>
    [session, 'no-such-session'].map((id) => `/api/sessions/${id}${rest}`),
  );
  const answers = await Promise.all(
    paths.map(async (path) => {
      const method = path.endsWith('shop') ? 'POST' : 'DELETE';
      const response = await stranger.request(path, { method });
      return `${response.status} ${await response.text()}`;
    }),
  );
  assert.equal(new Set(answers).size, 1);
  await assertAlive();
});

test('frames that no page would send end their connection and harm nobody else', async () => {
  const frames: readonly (string | Buffer)[] = [
    // Handed on as so many arguments, these would overflow the stack of the server.
    `42["session:locale"${',[]'.repeat(60_000)}]`,
    '42["session:locale","en","en","en","en"]',
    '42["constructor"]',
    '42["__proto__",{}]',
    '42["error"]',
    '42["disconnect"]',
    '42[1]',
    '42{"a":1}',
    '4599999999-["terminal:input"]',
    '42["terminal:open"]',
    '42["terminal:attach",{"terminal":{"length":1e9},"columns":80,"rows":24}]',
    '42["terminal:resize","1",{"__proto__":{"columns":80},"rows":1e9}]',
    '42["terminal:ack","1",-1.5]',
    'x'.repeat(300_000),
    Buffer.alloc(300_000),
  ];
  const attacker = await openPage(url);
  for (const frame of frames) {
    using socket = await attacker.connectRaw();
    socket.send(frame);
    await closed(socket);
  }
  await assertAlive();
});

test('messages without what they need, or without anybody who waits for an answer, are refused or ignored', async () => {
  const attacker = await openPage(url);
  using socket = await attacker.connectRaw();
  for (const event of ['session:join', 'session:locale', 'step:check', 'terminal:close']) {
    for (const rest of ['', ',null', ',1e9', ',{}', ',[]']) socket.send(`42["${event}"${rest}]`);
  }
  const answered = new Promise<string>((resolve) => {
    socket.on('message', (message: Buffer) => {
      if (message.toString().startsWith('437')) resolve(message.toString());
    });
  });
  socket.send('427["step:check",-1]');
  assert.match(await answered, /not-joined/);
  await assertAlive();
});

test('packets that are no messages are metered too, and a page is let in once', async () => {
  const attacker = await openPage(url);
  using again = await attacker.connectRaw();
  again.send('40/other,');
  await closed(again);
  using fast = await attacker.connectRaw();
  for (let count = 0; count < 25_000; count++) fast.send('6');
  await closed(fast);
  await assertAlive();
});

test('a learner who sends messages without end is cut off, on all sockets together', async () => {
  const attacker = await openPage(url);
  using first = await attacker.connect();
  using second = await attacker.connect();
  for (let count = 0; count < 120; count++) {
    (count % 2 === 0 ? first : second).emit('session:locale', 'en');
  }
  await Promise.race([closed(first), closed(second)]);
  await assertAlive();
});

test('a learner has so many sockets and no more; those that close make room', async () => {
  const attacker = await openPage(url);
  const sockets = await Promise.all(Array.from({ length: 17 }, () => attacker.connect()));
  await Promise.any(sockets.map(closed));
  // A message there and back shows who is left.
  const left = sockets.filter((socket) => socket.connected);
  await Promise.all(left.map((socket) => socket.emitWithAck('step:check', 0)));
  assert.equal(left.length, 16);
  for (const socket of sockets) socket.disconnect();
  using late = await attacker.connect();
  assert.equal((await late.emitWithAck('step:check', 0)).ok, false);
});

test('terminals and joins asked for at once are counted as those asked for one by one', async () => {
  const learner = await openPage(url);
  const id = await learner.session(LAB);
  using socket = await learner.connect();
  const joins = [1, 2].map(() => socket.emitWithAck('session:join', { session: id, locale: 'en' }));
  assert.deepEqual(
    (await Promise.all(joins)).map(({ ok }) => ok),
    [true, false],
  );
  const opened = Array.from({ length: 6 }, () => socket.emitWithAck('terminal:open', SIZE));
  const outcomes = (await Promise.all(opened)).map((answer) =>
    answer.ok ? 'opened' : answer.problem.code,
  );
  assert.deepEqual(outcomes.toSorted(), [
    ...Array.from({ length: 4 }, () => 'opened'),
    ...Array.from({ length: 2 }, () => 'too-many-terminals'),
  ]);
});
