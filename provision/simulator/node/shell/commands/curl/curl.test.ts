import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';

import { FakeClock } from '../../../../fake-clock.ts';
import type { HttpHandler } from '../../../../net/http.ts';
import { HttpHeaders } from '../../../../net/http.ts';
import { NetworkError } from '../../../../net/network.ts';
import { fakeContainer, runIn } from '../../fake-container.ts';

/** Answers with what it was asked. */
const echo: HttpHandler = async (request) => {
  const sent = `${request.method} ${request.path} ${Buffer.from(request.body).toString()}`;
  return {
    status: request.path === '/missing' ? 404 : 200,
    headers: new HttpHeaders([['content-type', 'text/plain']]),
    body: Buffer.from(`${sent.trim()}\n`),
  };
};

const headersOf: HttpHandler = async (request) => ({
  status: 200,
  headers: new HttpHeaders(),
  body: Buffer.from(
    [`host: ${request.authority}`, ...[...request.headers].map((pair) => pair.join(': ')), ''].join(
      '\n',
    ),
  ),
});

const login: HttpHandler = async (request) => ({
  status: request.path === '/login' ? 302 : 200,
  headers: new HttpHeaders(
    request.path === '/login'
      ? [
          ['location', '/home'],
          ['set-cookie', 'session=abc; Path=/; HttpOnly'],
        ]
      : [],
  ),
  body: Buffer.from(
    request.path === '/login' ? '' : `${request.method} ${request.headers.get('cookie')}\n`,
  ),
});

function curl(args: readonly string[], clock = new FakeClock()) {
  const servers: Record<string, HttpHandler> = {
    'web:80': echo,
    'web:8080': headersOf,
    'web:8081': login,
    'web:8082': () => new Promise(() => undefined),
    'web:8083': () => Promise.reject(new NetworkError('ECONNRESET', 'reset')),
  };
  return runIn(fakeContainer({ clock, servers }), ['curl', ...args]);
}

test('curl -s prints the body, whatever is in the URL', async () => {
  assert.deepEqual(await curl(['-s', "http://web/a?b='c'&d=$e"]), {
    exitCode: 0,
    stdout: "GET /a?b='c'&d=$e\n",
    stderr: '',
  });
});

test('curl -o /dev/null -w prints only what is asked for', async () => {
  const format = String.raw`%{http_code} %{size_download} %{time_total}\n`;
  assert.deepEqual(await curl(['-so', '/dev/null', '-w', format, 'web/[1-2]']), {
    exitCode: 0,
    stdout: '200 7 0.000000\n200 7 0.000000\n',
    stderr: '',
  });
});

test('curl sends the headers and data it is given', async () => {
  const { stdout } = await curl([
    '-s',
    '-H',
    'Host: example.com',
    '-H',
    'X-A: 1',
    '-H',
    'Accept:',
    '-d',
    'a=1',
    '--data',
    'b=2',
    'web:8080',
  ]);
  assert.equal(
    stdout,
    [
      'host: example.com',
      'user-agent: curl/8.16.0',
      'content-type: application/x-www-form-urlencoded',
      'content-length: 7',
      'x-a: 1',
      '',
    ].join('\n'),
  );
});

test('curl -v tells on standard error what goes over the wire', async () => {
  assert.deepEqual(await curl(['-sv', 'web/x']), {
    exitCode: 0,
    stdout: 'GET /x\n',
    stderr: [
      '* Host web:80 was resolved.',
      '* IPv6: (none)',
      '* IPv4: 10.96.0.80',
      '*   Trying 10.96.0.80:80...',
      '* Connected to web (10.96.0.80) port 80',
      '* using HTTP/1.x',
      '> GET /x HTTP/1.1\r',
      '> Host: web\r',
      '> User-Agent: curl/8.16.0\r',
      '> Accept: */*\r',
      '> \r',
      '* Request completely sent off',
      '< HTTP/1.1 200 OK\r',
      '< content-type: text/plain\r',
      '< \r',
      '* Connection #0 to host web left intact',
      '',
    ].join('\n'),
  });
});

test('curl -L follows a redirect as GET, with the cookie that came with it', async () => {
  assert.deepEqual(await curl(['-sL', '-d', 'u=me', '-c', '-', 'web:8081/login']), {
    exitCode: 0,
    stdout:
      'GET session=abc\n# Netscape HTTP Cookie File\n\n#HttpOnly_web\tFALSE\t/\tFALSE\t0\tsession\tabc\n',
    stderr: '',
  });
});

async function say(...args: string[]) {
  const { exitCode, stderr } = await curl(['-sS', ...args]);
  return [exitCode, stderr];
}

test('curl ends with its own statuses and sentences when something is in the way', async () => {
  assert.deepEqual(
    [
      await say('http://nowhere/'),
      await say('web:81'),
      await say('-f', 'web/missing'),
      await say('https://web/'),
      await say('web:8083'),
      await say('--nonsense'),
      await say('ftp://web/'),
    ],
    [
      [6, 'curl: (6) Could not resolve host: nowhere\n'],
      [7, 'curl: (7) Failed to connect to web port 81 after 0 ms: Could not connect to server\n'],
      [22, 'curl: (22) The requested URL returned error: 404\n'],
      [7, 'curl: (7) Failed to connect to web port 443 after 0 ms: Could not connect to server\n'],
      [56, 'curl: (56) Recv failure: Connection reset by peer\n'],
      [
        2,
        "curl: option --nonsense: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
      ],
      [1, 'curl: (1) Protocol "ftp" not supported\n'],
    ],
  );
});

test('curl -m gives up on a server that does not answer in time', async () => {
  const clock = new FakeClock();
  const waiting = { isOver: false };
  const running = curl(['-sS', '-m', '2', 'web:8082'], clock).finally(() => {
    waiting.isOver = true;
  });
  while (!waiting.isOver) {
    await setImmediate();
    await clock.advance(250);
  }
  const { exitCode, stderr } = await running;
  assert.equal(exitCode, 28);
  assert.equal(
    stderr,
    'curl: (28) Operation timed out after 2000 milliseconds with 0 bytes received\n',
  );
});

test('wget says what busybox says, and writes to standard output with -O -', async () => {
  const container = fakeContainer({ clock: new FakeClock(), servers: { 'web:80': echo } });
  assert.deepEqual(await runIn(container, ['wget', '-qO-', 'http://web/a']), {
    exitCode: 0,
    stdout: 'GET /a\n',
    stderr: '',
  });
  assert.deepEqual(await runIn(container, ['wget', '-O', '/tmp/a', 'http://web/missing']), {
    exitCode: 1,
    stdout: '',
    stderr:
      'Connecting to web (10.96.0.80:80)\nwget: server returned error: HTTP/1.1 404 Not Found\n',
  });
});
