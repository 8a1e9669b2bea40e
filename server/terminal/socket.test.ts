import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { Server } from 'socket.io';
import { io, type Socket } from 'socket.io-client';

import type { Answer, AttachView, ClientEvents, ServerEvents } from '#protocol';

import { createLog } from '../log.ts';
import { FakeProcess } from './fake-process.ts';
import { bindTerminals } from './socket.ts';
import { Terminal } from './terminal.ts';

const SIZE = { columns: 80, rows: 24 };
const SECRETS = { token: 'shown-by-pages', nonce: 'known-to-the-shell' };
const SHOWN = { nonce: SECRETS.nonce, role: 'writer', shell: { state: 'unknown' }, ...SIZE };
const http = createServer();
const server = new Server<ClientEvents, ServerEvents>(http, { transports: ['websocket'] });
let url: string;
let program: FakeProcess;
let terminals: Map<string, Terminal>;

before(async () => {
  server.on('connection', (socket) =>
    bindTerminals(socket, {
      open: async (size) => {
        program = new FakeProcess();
        terminals = new Map([['1', new Terminal(program, size, SECRETS)]]);
        return { id: '1', title: '1', token: SECRETS.token };
      },
      find: (id) => terminals.get(id),
      touch: () => undefined,
      close: async (id) => {
        const terminal = terminals.get(id);
        terminals.delete(id);
        await terminal?.[Symbol.asyncDispose]();
      },
      log: createLog('silent'),
    }),
  );
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
});

after(async () => server.close());

const TRANSPORT = { transports: ['websocket'], forceNew: true, reconnection: false };

type Page = Socket<ServerEvents, ClientEvents>;

async function connect(): Promise<Page & Disposable> {
  const socket: Page = io(url, TRANSPORT);
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return Object.assign(socket, { [Symbol.dispose]: () => void socket.disconnect() });
}

function attach(page: Page, have?: number): Promise<Answer<AttachView>> {
  const request = {
    ...SIZE,
    terminal: '1',
    token: SECRETS.token,
    ...(have !== undefined && { have }),
  };
  return page.emitWithAck('terminal:attach', request);
}

test('a page opens a terminal, sees its output as bytes from where the answer ends, types, and hears of its exit', async () => {
  using page = await connect();
  assert.deepEqual(await page.emitWithAck('terminal:open', SIZE), {
    ok: true,
    value: { terminal: '1', token: SECRETS.token },
  });
  program.print('before');
  const heard: unknown[] = [];
  page.on('terminal:data', (...args) => heard.push(args));
  const exited = new Promise((resolve) => {
    page.on('terminal:exit', (...args) => resolve(args));
  });
  const answer = await attach(page);
  assert.deepEqual(answer, {
    ok: true,
    value: { mode: 'resume', offset: 6, data: Buffer.from('before'), viewer: 1, ...SHOWN },
  });
  page.emit('terminal:input', '1', 'ls\r');
  page.emit('terminal:resize', '1', { columns: 90, rows: 20 });
  // An answered message behind the others tells that they have arrived.
  assert.equal((await attach(page, 6)).ok, true);
  program.print('after');
  program.print('日本');
  program.end(0);
  assert.deepEqual(await exited, ['1', { code: 0, reason: 'exit' }]);
  assert.deepEqual(heard, [
    ['1', 6, Buffer.from('after')],
    ['1', 11, Buffer.from('日本')],
  ]);
  assert.deepEqual([program.written, program.sizes], [['ls\r'], [{ columns: 90, rows: 20 }]]);
});

test('a page that comes back to a program that has ended gets the rest before it hears of the exit', async () => {
  using page = await connect();
  await page.emitWithAck('terminal:open', SIZE);
  program.print('0123456789');
  program.end(4);
  const order: unknown[] = [];
  const exited = new Promise<void>((resolve) => {
    page.on('terminal:exit', (_, exit) => {
      order.push(exit);
      resolve();
    });
  });
  page.emit(
    'terminal:attach',
    { ...SIZE, terminal: '1', token: SECRETS.token, have: 4 },
    (answer) => order.push(answer),
  );
  await exited;
  assert.deepEqual(order, [
    {
      ok: true,
      value: { mode: 'resume', offset: 10, data: Buffer.from('456789'), viewer: 1, ...SHOWN },
    },
    { code: 4, reason: 'exit' },
  ]);
});

test('a terminal that is closed is gone for all', async () => {
  using page = await connect();
  await page.emitWithAck('terminal:open', SIZE);
  page.emit('terminal:close', '1');
  assert.deepEqual(await attach(page), {
    ok: false,
    problem: { code: 'terminal-not-found', message: 'This terminal has been closed' },
  });
});

test('a socket that says what no page of ours would say is closed', async () => {
  const odd: readonly (readonly [string, ...unknown[]])[] = [
    ['terminal:open', { columns: 1e9, rows: 24 }],
    ['terminal:open', null],
    ['terminal:attach', { ...SIZE, terminal: '1', have: -1 }],
    ['terminal:attach', { ...SIZE, terminal: { toString: 'x' } }],
    ['terminal:input', '1', { length: 3 }],
    ['terminal:resize', '1', { columns: Number.NaN, rows: 24 }],
    ['terminal:ack', '1', 1.5],
  ];
  for (const [event, ...args] of odd) {
    const page = io(url, TRANSPORT);
    const closed = new Promise((resolve) => {
      page.once('disconnect', resolve);
    });
    page.emit(event, ...args);
    assert.equal(await closed, 'io server disconnect', `${event} ${JSON.stringify(args)}`);
  }
});
