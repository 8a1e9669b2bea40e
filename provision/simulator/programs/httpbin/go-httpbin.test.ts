import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakePod } from '../fake-pod.ts';
import { goHttpbin } from './go-httpbin.ts';

const IMAGE = 'docker.io/mccutchen/go-httpbin:v2.15.0';
const JSON_TYPE = 'application/json; charset=utf-8';
const CORS = {
  'access-control-allow-credentials': 'true',
  'access-control-allow-origin': '*',
  date: 'Thu, 01 Jan 2026 00:00:00 GMT',
};

function httpbin(): FakePod {
  const pod = new FakePod();
  pod.start(goHttpbin, { image: IMAGE });
  return pod;
}

test('go-httpbin tells headers as lists, with Host among them, sorted by name', async () => {
  using pod = httpbin();
  const headers = { 'user-agent': 'curl/8.16.0', accept: '*/*', 'x-request-id': 'a' };
  const { status, headers: got, text } = await pod.ask(8080, '/headers', { headers });
  assert.equal(
    text,
    `{
  "headers": {
    "Accept": [
      "*/*"
    ],
    "Host": [
      "web:8080"
    ],
    "User-Agent": [
      "curl/8.16.0"
    ],
    "X-Request-Id": [
      "a"
    ]
  }
}
`,
  );
  assert.deepEqual(
    [status, got],
    [200, { 'content-type': JSON_TYPE, 'content-length': '181', ...CORS }],
  );
});

test('go-httpbin logs a request as slog does, and its start', async () => {
  using pod = httpbin();
  await pod.ask(8080, '/status/404?a=b', { headers: { 'user-agent': 'a b' } });
  const [start, line = ''] = pod.logged;
  assert.equal(
    start,
    'time=2026-01-01T00:00:00.000Z level=INFO msg="go-httpbin listening on http://0.0.0.0:8080"',
  );
  assert.match(
    line,
    /^time=2026-01-01T00:00:00\.000Z level=WARN msg="404 GET \/status\/404\?a=b [\d.]+ms" status=404 method=GET uri="\/status\/404\?a=b" size_bytes=0 duration_ms=[\d.]+ user_agent="a b" client_ip=127\.0\.0\.6:40000$/,
  );
});

test('/anything tells the body by its content type', async () => {
  using pod = httpbin();
  const send = async (type: string, body: string) => {
    const headers = { 'content-type': type, 'x-forwarded-for': '1.2.3.4, 10.0.0.1' };
    const { text } = await pod.ask(8080, '/anything/x?a=1&a=2', { method: 'POST', body, headers });
    const value: unknown = JSON.parse(text);
    return value;
  };
  assert.partialDeepStrictEqual(await send('application/json', '{"b":[1]}'), {
    args: { a: ['1', '2'] },
    method: 'POST',
    origin: '1.2.3.4',
    url: 'http://web:8080/anything/x?a=1&a=2',
    data: '{"b":[1]}',
    files: {},
    form: {},
    json: { b: [1] },
  });
  assert.partialDeepStrictEqual(await send('application/x-www-form-urlencoded', 'b=2&c=3'), {
    data: 'b=2&c=3',
    form: { b: ['2'], c: ['3'] },
    json: null,
  });
  assert.partialDeepStrictEqual(await send('application/octet-stream', 'hi?'), {
    data: 'data:application/octet-stream;base64,aGk_',
    json: null,
  });
  const form =
    '--x\r\nContent-Disposition: form-data; name="b"\r\n\r\n2\r\n' +
    '--x\r\nContent-Disposition: form-data; name="f"; filename="f.txt"\r\n\r\nfile\r\n--x--\r\n';
  assert.partialDeepStrictEqual(await send('multipart/form-data; boundary=x', form), {
    form: { b: ['2'] },
    files: { f: ['file'] },
  });
});

for (const [path, status, expected] of [
  ['/status/418', 418, "I'm a teapot!"],
  ['/status/700', 400, 'invalid status code: 700 not in range [100, 599]'],
  ['/status/200:1,503:9', 503, ''],
  ['/status/200:x,503', 400, 'invalid weight value: \\"x\\"'],
  ['/delay/11', 400, 'invalid duration: duration 11s longer than 10s'],
  ['/delay/x', 400, 'invalid duration: strconv.ParseFloat: parsing \\"x\\": invalid syntax'],
  ['/drip?duration=9&delay=2', 400, 'too much time: 9s+2s > 10s'],
  ['/redirect/0', 400, 'redirect count must be > 0'],
  ['/bearer', 401, '"error": "Unauthorized"'],
  ['/basic-auth/u/p', 401, '"authorized": false'],
  ['/hidden-basic-auth/u/p', 404, '"error": "Not Found"'],
  ['/base64/aGVsbG8=', 200, 'hello'],
  ['/base64/encode/hello', 200, 'aGVsbG8='],
  ['/base64/!', 400, 'base64 decode failed: illegal base64 data at input byte 0'],
  ['/range/30', 200, 'abcdefghijklmnopqrstuvwxyzabcd'],
  ['/links/3/1', 200, '<a href="/links/3/0">0</a> 1 <a href="/links/3/2">2</a> '],
  ['/robots.txt', 200, 'User-agent: *\nDisallow: /deny\n'],
  ['/json', 200, '"title": "Sample Slide Show"'],
  ['/xml', 200, '<slideshow title="Sample Slide Show"'],
  ['/html', 200, '<h1>Herman Melville - Moby-Dick</h1>'],
  ['/brotli', 501, '"error": "Not Implemented"'],
  ['/websocket/echo', 501, "the Regatta simulator's httpbin has no WebSocket"],
  ['/image/webp', 501, 'has images in PNG and SVG, not in webp'],
  ['/hostname', 200, '"hostname": "go-httpbin"'],
  ['/unstable?failure_rate=1', 500, ''],
  ['/nothing', 404, '404 page not found\n'],
  ['/post', 405, 'Method Not Allowed\n'],
] as const) {
  test(`go-httpbin answers ${status} to ${path}`, async () => {
    using pod = httpbin();
    const answer = await pod.ask(8080, path);
    assert.equal(answer.status, status);
    assert.ok(answer.text.includes(expected), answer.text);
  });
}

test('/delay, /drip and /sse take their time by the clock, and end with a client that goes away', async () => {
  using pod = httpbin();
  const answers = [
    '/delay/2.5',
    '/drip?duration=1s&delay=1500ms&numbytes=3',
    '/sse?duration=2500ms',
  ].map((path) => pod.ask(8080, path));
  await pod.clock.advance(2_499);
  assert.equal(await Promise.race([...answers, Promise.resolve('waiting')]), 'waiting');
  await pod.clock.advance(1);
  const [delayed, dripped, streamed] = await Promise.all(answers);
  assert.equal(delayed?.headers['server-timing'], 'initial_delay;dur=2500.00;desc="initial delay"');
  assert.equal(dripped?.text, '***');
  assert.equal(streamed?.text.split('event: ping\n').length, 11);

  const gone = new AbortController();
  const abandoned = pod.ask(8080, '/delay/5', { signal: gone.signal });
  await pod.clock.advance(1);
  gone.abort();
  await assert.rejects(abandoned);
  assert.equal(pod.clock.waiting, 0);
});

test('redirects lead to /get step by step, relative or absolute', async () => {
  using pod = httpbin();
  const locations = await Promise.all(
    [
      '/redirect/2',
      '/redirect/1',
      '/absolute-redirect/3',
      '/redirect-to?url=http://x/&status_code=307',
    ].map(async (path) => {
      const { status, headers } = await pod.ask(8080, path);
      return `${status} ${headers['location']}`;
    }),
  );
  assert.deepEqual(locations, [
    '302 /relative-redirect/1',
    '302 /get',
    '302 http://web:8080/absolute-redirect/2',
    '307 http://x/',
  ]);
});

test('go-httpbin takes passwords and tokens, and tells cookies', async () => {
  using pod = httpbin();
  const authorization = `Basic ${Buffer.from('u:p').toString('base64')}`;
  const texts = [
    await pod.ask(8080, '/basic-auth/u/p', { headers: { authorization } }),
    await pod.ask(8080, '/bearer', { headers: { authorization: 'Bearer abc' } }),
    await pod.ask(8080, '/cookies', { headers: { cookie: 'b=2; a=1' } }),
  ].map(({ status, text }) => `${status} ${text.replaceAll(/\s/g, '')}`);
  assert.deepEqual(texts, [
    '200 {"authorized":true,"user":"u"}',
    '200 {"authenticated":true,"token":"abc"}',
    '200 {"a":"1","b":"2"}',
  ]);
  const set = await pod.ask(8080, '/cookies/set?k=v');
  assert.deepEqual(
    [set.status, set.headers['set-cookie'], set.headers['location']],
    [302, 'k=v; HttpOnly', '/cookies'],
  );
});

test('/cache and /range follow the conditions of a request', async () => {
  using pod = httpbin();
  const known = await pod.ask(8080, '/cache', { headers: { 'if-none-match': 'x' } });
  assert.equal(known.status, 304);
  const part = await pod.ask(8080, '/range/26', { headers: { range: 'bytes=2-4' } });
  assert.deepEqual(
    [part.status, part.text, part.headers['content-range']],
    [206, 'cde', 'bytes 2-4/26'],
  );
  const beyond = await pod.ask(8080, '/range/26', { headers: { range: 'bytes=30-40' } });
  assert.equal(beyond.status, 416);
});

test('/bytes gives as many bytes as asked, the same for the same seed', async () => {
  using pod = httpbin();
  const ask = async (path: string) => (await pod.ask(8080, path)).headers['content-length'];
  assert.deepEqual(
    [await ask('/bytes/10'), await ask('/bytes/0'), await ask('/bytes/1000000')],
    ['10', '0', '102400'],
  );
  const [one, same, other] = await Promise.all(
    ['7', '7', '8'].map(async (seed) => (await pod.ask(8080, `/bytes/20?seed=${seed}`)).text),
  );
  assert.equal(one, same);
  assert.notEqual(one, other);
});

test('go-httpbin answers preflights and HEAD, and listens where -port says', async () => {
  using pod = new FakePod();
  pod.start(goHttpbin, { image: IMAGE, args: ['-port', '9000'] });
  assert.deepEqual(pod.ports, [9000]);
  const preflight = await pod.ask(9000, '/get', {
    method: 'OPTIONS',
    headers: { origin: 'http://a' },
  });
  assert.deepEqual(
    [
      preflight.status,
      preflight.headers['access-control-allow-origin'],
      preflight.headers['access-control-max-age'],
    ],
    [200, 'http://a', '3600'],
  );
  const head = await pod.ask(9000, '/get', { method: 'HEAD' });
  assert.deepEqual([head.status, head.text], [200, '']);
});
