import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import http, { createServer, type IncomingMessage } from 'node:http';
import net from 'node:net';
import { after, before, test } from 'node:test';

import { PREVIEW_GRANT_MS } from '../limits.ts';
import { Previews } from './previews.ts';

const TAB = { id: 'shop', title: { en: 'Shop' }, service: 'default/shop', port: 80, path: '/shop' };

/** A program in a cluster that answers with these bytes, whatever it is asked, and keeps what it was asked. */
class RawProgram extends EventEmitter {
  asked = '';
  answer = '';
  readonly #server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      this.asked += data.toString();
      socket.end(this.answer);
    });
  });

  async listen(): Promise<number> {
    return portOf(this.#server.listen(0, '127.0.0.1'));
  }

  close(): void {
    this.#server.close();
  }
}

class FakeSession extends EventEmitter {
  port = 0;
  async whenReady() {
    return { cluster: { forward: async () => this.port } };
  }
}

const program = new RawProgram();
let now = 0;
const previews = new Previews('localhost', () => now);
const front = createServer((request, response) =>
  previews.handle(request, response, () => response.end('the page')),
);
let port = 0;
let programPort = 0;

before(async () => {
  port = await portOf(front.listen(0, '127.0.0.1'));
  programPort = await program.listen();
});

after(() => {
  front.close();
  program.close();
});

test('a grant opens its own preview, once, in time, and not after the session', async () => {
  const [mine, other] = [newSession(), newSession()];
  const [myUrl, otherUrl] = [await open(mine), await open(other)];
  const crossed = new URL(myUrl);
  crossed.hostname = otherUrl.hostname;
  assert.equal((await ask(crossed)).statusCode, 403);
  assert.equal((await ask(myUrl)).statusCode, 403, 'tried once is used');
  const again = await open(mine);
  assert.equal((await ask(again)).statusCode, 302);
  assert.equal((await ask(again)).statusCode, 403);
  const late = await open(mine);
  now += PREVIEW_GRANT_MS + 1;
  assert.equal((await ask(late)).statusCode, 403);
  const last = await open(mine);
  mine.emit('ended');
  assert.equal((await ask(last)).statusCode, 404);
});

test("a preview's host name without its cookie, or with that of another preview, gives nothing", async () => {
  const [mine, other] = [await enter(newSession()), await enter(newSession())];
  program.answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';
  const statuses = await Promise.all(
    ['', other.cookie, mine.cookie].map(
      async (cookie) => (await ask(mine.url, { cookie })).statusCode,
    ),
  );
  assert.deepEqual(statuses, [403, 403, 200]);
});

test("a program sees its own cookies as they were sent and none of this server's", async () => {
  const { url, cookie } = await enter(newSession());
  program.asked = '';
  program.answer = 'HTTP/1.1 204 No Content\r\n\r\n';
  await ask(url, { cookie: `a=%0d%0a; regatta_learner=secret; ${cookie}; b="2"` });
  assert.equal(/^cookie: (.*)\r$/im.exec(program.asked)?.[1], 'a=%0d%0a; b="2"');
  assert.doesNotMatch(program.asked, /regatta/);
});

test('a program sets cookies for its own host name alone, none of ours, and clears nothing', async () => {
  const { url, cookie } = await enter(newSession());
  program.answer = [
    'HTTP/1.1 200 OK',
    'Set-Cookie: mine=1; Domain=localhost; Path=/',
    'Set-Cookie: bare=1; domain; Secure',
    'Set-Cookie: regatta_learner=attacker; Path=/',
    'Set-Cookie: __Host-regatta_preview=x; Path=/',
    'Clear-Site-Data: "cookies"',
    'Strict-Transport-Security: max-age=1; includeSubDomains',
    'X-Kept: yes',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
  const { headers } = await ask(url, { cookie });
  assert.deepEqual(
    {
      cookies: headers['set-cookie'],
      clears: headers['clear-site-data'],
      strict: headers['strict-transport-security'],
      kept: headers['x-kept'],
    },
    {
      cookies: ['mine=1; Path=/', 'bare=1; Secure'],
      clears: undefined,
      strict: undefined,
      kept: 'yes',
    },
  );
});

test('answers that no server may give end as a bad gateway, or broken, and not the process', async () => {
  const { url, cookie } = await enter(newSession());
  const outcomes: unknown[] = [];
  for (const answer of [
    'HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
    'nonsense\r\n\r\n',
    '',
  ]) {
    program.answer = answer;
    outcomes.push((await ask(url, { cookie })).statusCode);
  }
  program.answer = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf';
  const broken = await ask(url, { cookie });
  await assert.rejects(async () => {
    for await (const _ of broken);
  });
  assert.deepEqual(outcomes, [502, 502, 502, 502]);
});

test('a body in chunks stays a body, whatever the method', async () => {
  const { url, cookie } = await enter(newSession());
  program.asked = '';
  program.answer = 'HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n';
  const request = send(url, { cookie, 'transfer-encoding': 'chunked' });
  request.end('GET /smuggled HTTP/1.1\r\n\r\n');
  await once(request, 'response');
  assert.match(program.asked, /^transfer-encoding: chunked\r$/im);
});

function newSession(): FakeSession {
  const session = new FakeSession();
  session.port = programPort;
  return session;
}

async function open(session: FakeSession): Promise<URL> {
  return new URL(await previews.open(session, TAB, `http://127.0.0.1:${port}`));
}

/** Uses a grant; gives the cookie, and the address it opens. */
async function enter(session: FakeSession): Promise<{ url: URL; cookie: string }> {
  const url = await open(session);
  const answer = await ask(url);
  const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  return { url: new URL(answer.headers.location ?? '', url), cookie };
}

/** Sends a request to where all names of previews lead, whatever the machine's resolver says of them. */
function send({ host, pathname, search }: URL, headers: Record<string, string>) {
  const path = pathname + search;
  return http.request({
    host: '127.0.0.1',
    port,
    path,
    agent: false,
    headers: { host, ...headers },
  });
}

async function ask(url: URL, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const request = send(url, headers);
  request.end();
  const [answer] = await once(request, 'response');
  return answer;
}

async function portOf(server: net.Server): Promise<number> {
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}
