import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { TerminalPass } from '#protocol';

import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { closed, openPage, type PageSocket } from './page.ts';

const SIZE = { columns: 80, rows: 24 };
const LIMIT_MS = 15_000;
const TOKEN = 'AAAAAAAAAAAAAAAAAAAAAA';

let lab: TestServer;
/** Another learner, who works on whatever is done to the server. */
let bystander: Learner;

before(async () => {
  lab = await startTestServer();
  bystander = await Learner.come();
});

after(async () => {
  bystander[Symbol.dispose]();
  await lab[Symbol.asyncDispose]();
});

/** A learner with a shell, who sees what it prints. */
class Learner implements Disposable {
  readonly socket: PageSocket;
  readonly session: string;
  readonly terminal: TerminalPass;
  seen = '';
  acknowledges = true;

  private constructor(socket: PageSocket, session: string, terminal: TerminalPass) {
    this.socket = socket;
    this.session = session;
    this.terminal = terminal;
    socket.on('terminal:data', (id, offset, data) => {
      this.seen += Buffer.from(data).toString('latin1');
      const end = offset + Buffer.from(data).length;
      if (this.acknowledges) socket.emit('terminal:ack', id, end);
    });
  }

  static async come(): Promise<Learner> {
    const page = await openPage(lab.server.url);
    const session = await page.session('get-started');
    const socket = await page.connect();
    await socket.emitWithAck('session:join', { session, locale: 'en' });
    const opened = await socket.emitWithAck('terminal:open', SIZE);
    assert.ok(opened.ok, JSON.stringify(opened));
    const { terminal: id, token } = opened.value;
    const learner = new Learner(socket, session, { id, title: id, token });
    const attached = await socket.emitWithAck('terminal:attach', {
      ...SIZE,
      terminal: id,
      token,
    });
    assert.ok(attached.ok, JSON.stringify(attached));
    learner.seen += Buffer.from(attached.value.data).toString('latin1');
    await learner.sees('# ');
    return learner;
  }

  type(text: string): void {
    this.socket.emit('terminal:input', this.terminal.id, text);
  }

  async sees(text: string): Promise<void> {
    await until(
      async () => this.seen.includes(text),
      LIMIT_MS,
      async () => this.seen.slice(-400),
    );
  }

  [Symbol.dispose](): void {
    this.socket.disconnect();
  }
}

let typed = 0;

/** The bystander's shell still answers. */
async function assertUnharmed(): Promise<void> {
  typed++;
  bystander.type(`echo alive-$((${typed}))-yes\r`);
  await bystander.sees(`alive-${typed}-yes\r\n`);
}

test('a message that no page of ours would send ends its connection, and harms nobody else', async () => {
  const sizes = [0, -1, 1.5, 1e9, Number.NaN, '80', null, [80], { valueOf: 80 }];
  const odd: readonly (readonly [string, ...unknown[]])[] = [
    ...sizes.map((columns) => ['terminal:resize', '1', { columns, rows: 24 }] as const),
    ...sizes.map((rows) => ['terminal:take', '1', { columns: 80, rows }] as const),
    ...sizes.map((rows) => ['terminal:open', { columns: 80, rows }] as const),
    ['terminal:attach', { ...SIZE, terminal: '1' }],
    ['terminal:attach', { ...SIZE, terminal: '1', token: 7 }],
    ['terminal:attach', { ...SIZE, terminal: '1', token: 'x'.repeat(65) }],
    ['terminal:attach', { ...SIZE, terminal: '1', token: TOKEN, have: -1 }],
    ['terminal:attach', { ...SIZE, terminal: '1', token: TOKEN, have: 2 ** 60 }],
    ['terminal:attach', { ...SIZE, terminal: '1', token: TOKEN, viewer: 'me' }],
    ['terminal:attach', { ...SIZE, terminal: ['1'], token: TOKEN }],
    ['terminal:attach', JSON.parse('{"__proto__":{"columns":80,"rows":24,"terminal":"1"}}')],
    ['terminal:input', '1', 7],
    ['terminal:input', '1', { length: 4 }],
    ['terminal:ack', '1', 'all'],
    ['terminal:ack', '1', 1.5],
    ['terminal:ack', '1', null],
    ['terminal:exec', '1'],
    ['__proto__', '1'],
    ['terminal:input', '1', 'x', 'y', 'z', 'a'],
  ];
  const page = await openPage(lab.server.url);
  for (const [event, ...args] of odd) {
    using socket = await page.connect();
    // As a page that our types do not bind.
    Reflect.apply(socket.emit.bind(socket), undefined, [event, ...args]);
    await closed(socket);
    assert.equal(socket.connected, false, `${event} ${JSON.stringify(args)}`);
  }
  await assertUnharmed();
});

test("another learner's terminal, and a guessed token, are answered as a terminal that is not there", async () => {
  using learner = await Learner.come();
  const unknown = await learner.socket.emitWithAck('terminal:attach', {
    ...SIZE,
    terminal: '77',
    token: TOKEN,
  });
  assert.equal(unknown.ok, false);
  const tries = [
    { terminal: learner.terminal.id, token: TOKEN },
    { terminal: learner.terminal.id, token: '' },
    { terminal: learner.terminal.id, token: bystander.terminal.token },
    { terminal: '__proto__', token: bystander.terminal.token },
  ];
  for (const one of tries) {
    const request = { ...SIZE, ...one };
    assert.deepEqual(await learner.socket.emitWithAck('terminal:attach', request), unknown);
  }
  // Ids count within a session: what another's is called is one's own, or nothing.
  learner.socket.emit('terminal:close', '77');
  learner.socket.emit('terminal:take', '77', SIZE);
  learner.socket.emit('terminal:input', '77', 'echo stolen\r');
  learner.type('echo mine-$((1+1))\r');
  await learner.sees('mine-2\r\n');
  await assertUnharmed();
  assert.equal(bystander.seen.includes('stolen'), false);
});

test('tokens are told over the socket alone', async () => {
  const page = await openPage(lab.server.url);
  const session = await page.session('get-started');
  using socket = await page.connect();
  await socket.emitWithAck('session:join', { session, locale: 'en' });
  const opened = await socket.emitWithAck('terminal:open', SIZE);
  assert.ok(opened.ok);
  const { token, terminal } = opened.value;
  const view = await (await page.request(`/api/sessions/${session}`)).text();
  assert.deepEqual(JSON.parse(view).terminals, [{ id: terminal, title: '1' }]);
  assert.equal(view.includes(token), false);
  assert.match(token, /^[\w-]{22}$/);
});

test('acknowledging nothing, too much, backwards or again and again neither stalls nor floods a page for good', async () => {
  using learner = await Learner.come();
  const { socket, terminal } = learner;
  for (const offset of [Number.MAX_SAFE_INTEGER, -5, 0, 3, 3, 1]) {
    socket.emit('terminal:ack', terminal.id, offset);
  }
  learner.acknowledges = false;
  learner.type('yes | head -c 4000000; echo the-end\r');
  // What a page may be sent without having drawn it; then the program is held back.
  await until(async () => learner.seen.length >= 256 * 1024, LIMIT_MS);
  await assertUnharmed();
  const held = learner.seen.length;
  assert.ok(held < 512 * 1024, `${held} bytes were sent to a page that draws nothing`);
  learner.acknowledges = true;
  const again = await socket.emitWithAck('terminal:attach', {
    ...SIZE,
    terminal: terminal.id,
    token: terminal.token,
    have: held,
  });
  assert.ok(again.ok);
  socket.emit('terminal:ack', terminal.id, again.value.offset);
  await learner.sees('the-end\r\n');
  await assertUnharmed();
});

test('attaching, taking and closing again and again, in any order, leave one working terminal', async () => {
  using learner = await Learner.come();
  const { socket, terminal } = learner;
  const request = { ...SIZE, terminal: terminal.id, token: terminal.token };
  const answers = Array.from({ length: 20 }, async () => {
    socket.emit('terminal:take', terminal.id, SIZE);
    socket.emit('terminal:resize', terminal.id, { columns: 2, rows: 1 });
    return socket.emitWithAck('terminal:attach', request);
  });
  const outcomes = await Promise.all(answers);
  assert.deepEqual([...new Set(outcomes.map(({ ok }) => ok))], [true]);
  socket.emit('terminal:resize', terminal.id, SIZE);
  learner.type('echo one-$((1+1))\r');
  await learner.sees('one-2\r\n');
  assert.equal(learner.seen.split('one-2\r\n').length, 2, 'output comes once');
  socket.emit('terminal:close', terminal.id);
  socket.emit('terminal:close', terminal.id);
  const gone = await socket.emitWithAck('terminal:attach', request);
  assert.equal(gone.ok, false);
  await assertUnharmed();
});
