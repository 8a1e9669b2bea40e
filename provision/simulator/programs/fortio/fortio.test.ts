import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HttpHeaders, type HttpRequest } from '../../net/http.ts';
import { FakePod } from '../fake-pod.ts';
import { fortio } from './index.ts';
import { MOST_STARTS } from './limits.ts';
import { TURNS } from './load/turns.ts';
import { fortioTool } from './tool.ts';

const IMAGE = 'fortio/fortio:latest_release';
const URL = 'http://httpbin:8000/get';

/** A pod beside a server that answers 200, but 503 to every third request. */
function besideServer(): FakePod {
  const pod = new FakePod();
  let asked = 0;
  pod.servers.set('httpbin:8000', async () => {
    asked++;
    const status = asked % 3 === 0 ? 503 : 200;
    return { status, headers: new HttpHeaders([['server', 'envoy']]), body: Buffer.from('hello') };
  });
  return pod;
}

async function run(pod: FakePod, ...args: readonly string[]) {
  const { stdout, stderr, exitCode } = await fortioTool(args, pod.toolContext());
  return { stdout: Buffer.from(stdout).toString(), stderr, exitCode };
}

test('fortio load prints a run of so many calls as fortio does, all of it on standard error', async () => {
  using pod = besideServer();
  const result = await run(
    pod,
    'load',
    '-c',
    '1',
    '-qps',
    '0',
    '-n',
    '6',
    '-loglevel',
    'Warning',
    URL,
  );
  const warning =
    '{"ts":1767225600.000000,"level":"warn","r":20,"file":"http_client.go","line":1159,"msg":"Non ok http code","code":503,"status":"HTTP/1.1 503","thread":0,"run":0}';
  const zero = 'count 3 avg 0 +/- 0 min 0 max 0 sum 0';
  const times = [
    '>= 0 <= 0 , 0 , 100.00, 6',
    ...[50, 75, 90, 99, 99.9].map((p) => `# target ${p}% 0`),
  ];
  assert.deepEqual(
    { ...result, stderr: result.stderr.split('\n') },
    {
      stdout: '',
      exitCode: 0,
      stderr: [
        '{"ts":1767225600.000000,"level":"info","r":1,"file":"logger.go","line":298,"msg":"Log level is now 3 Warning (was 2 Info)"}',
        `Fortio 1.75.2 running at 0 queries per second, 2->2 procs, for 6 calls: ${URL}`,
        'Starting at max qps with 1 thread(s) [gomax 2] for exactly 6 calls (6 per thread + 0)',
        warning,
        warning,
        'Ended after 0s : 6 calls. qps=0',
        'Aggregated Function Time : count 6 avg 0 +/- 0 min 0 max 0 sum 0',
        '# range, mid point, percentile, count',
        ...times,
        'Error cases : count 2 avg 0 +/- 0 min 0 max 0 sum 0',
        '# range, mid point, percentile, count',
        ...times.with(0, '>= 0 <= 0 , 0 , 100.00, 2'),
        '# Socket and IP used for each connection:',
        `[0]   2 socket used, resolved to 10.96.0.80:8000, connection timing : ${zero.replace('3', '2')}`,
        `Connection time (s) : ${zero.replace('3', '2')}`,
        'Sockets used: 2 (for perfect keepalive, would be 1)',
        'Uniform: false, Jitter: false, Catchup allowed: true',
        'IP addresses distribution:',
        '10.96.0.80:8000: 2',
        'Code 200 : 4 (66.7 %)',
        'Code 503 : 2 (33.3 %)',
        'Response Header Sizes : count 6 avg 35.333333 +/- 24.98 min 0 max 53 sum 212',
        'Response Body/Total Sizes : count 6 avg 63.666667 +/- 8.014 min 58 max 75 sum 382',
        'All done 6 calls (plus 0 warmup) 0.000 ms avg, 0.0 qps',
        '',
      ],
    },
  );
});

/** Waits until something holds, for so many turns of the event loop at most. */
async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 10_000; turn++) {
    if (await holds()) return;
    await new Promise(setImmediate);
  }
  assert.fail('What was waited for has not come');
}

test('fortio load spreads its calls over the time by the clock', async () => {
  using pod = besideServer();
  const asked: number[] = [];
  pod.servers.set('httpbin:8000', async () => {
    asked.push(pod.clock.now());
    return { status: 200, headers: new HttpHeaders(), body: new Uint8Array() };
  });
  const running = run(pod, 'load', '-c', '1', '-qps', '4', '-t', '1s', '-quiet', URL);
  const state = { isOver: false };
  void running.then(() => (state.isOver = true));
  await eventually(async () => {
    // Calls take turns by the process's own time: the clock moves only while the run waits by it, beside its longest time.
    if (pod.clock.waiting > 1) await pod.clock.advance(50);
    return state.isOver;
  });
  const { stderr } = await running;
  // One call to warm up, then four, the last of them as the second ends.
  assert.equal(asked.length, 5);
  assert.match(stderr, /^Code 200 : 4 \(100\.0 %\)$/m);
  assert.match(stderr, /^All done 4 calls \(plus 1 warmup\)/m);
});

test('fortio load gives up when its first calls fail, unless it is told otherwise', async () => {
  using pod = new FakePod();
  pod.servers.set('httpbin:8000', async () => ({
    status: 503,
    headers: new HttpHeaders(),
    body: new Uint8Array(),
  }));
  const { stderr, exitCode } = await run(
    pod,
    'load',
    '-c',
    '2',
    '-qps',
    '0',
    '-t',
    '1s',
    '-quiet',
    URL,
  );
  assert.equal(exitCode, 1);
  assert.match(
    stderr,
    /^Aborting because of error 503 for http:\/\/httpbin:8000\/get \(\d+ bytes\)$/m,
  );
  const unknown = await run(pod, 'load', '-n', '2', 'http://nosuch/');
  assert.match(unknown.stderr, /Aborting because of lookup nosuch: no such host\n$/);
});

test('fortio load ends with what it has when it is interrupted', async () => {
  using pod = besideServer();
  const interrupted = new AbortController();
  const running = fortioTool(
    ['load', '-c', '2', '-qps', '2', '-t', '0', '-quiet', '-allow-initial-errors', URL],
    pod.toolContext(interrupted.signal),
  );
  // Each connection makes its first call at once, and then waits for a second.
  await eventually(() => pod.clock.waiting === 3);
  interrupted.abort();
  const { stderr } = await running;
  assert.match(stderr, /^Starting at 2 qps with 2 thread\(s\) \[gomax 2] until interrupted$/m);
  assert.match(stderr, /^All done 2 calls \(plus 2 warmup\)/m);
  assert.equal(pod.clock.waiting, 0);
});

test('fortio load keeps all its connections busy at once', async () => {
  using pod = new FakePod();
  let [busy, most] = [0, 0];
  const { promise: areAllBusy, resolve } = Promise.withResolvers<void>();
  pod.servers.set('httpbin:8000', async () => {
    busy++;
    most = Math.max(most, busy);
    // Nobody is answered before all connections have asked.
    if (busy === 16) resolve();
    await areAllBusy;
    busy--;
    return { status: 200, headers: new HttpHeaders(), body: new Uint8Array() };
  });
  await run(pod, 'load', '-c', '16', '-qps', '0', '-n', '32', '-quiet', URL);
  assert.equal(most, 16);
});

test('load tests let others have a turn between the calls that start together', async () => {
  const starts: number[] = [];
  let turn = 0;
  const state = { isOver: false };
  const others = (async () => {
    while (!state.isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      turn++;
    }
  })();
  await Promise.all(
    Array.from({ length: 500 }, async () => {
      await TURNS.next();
      starts.push(turn);
    }),
  );
  state.isOver = true;
  await others;
  const together = Map.groupBy(starts, (at) => at);
  for (const [, calls] of together) assert.ok(calls.length <= MOST_STARTS);
  const turns = [...together.keys()].toSorted((a, b) => a - b);
  for (const [index, at] of turns.slice(1).entries()) {
    assert.ok(at - (turns[index] ?? 0) >= 2, 'others had their turn in between');
  }
});

test('fortio load writes results as JSON where it is told to', async () => {
  using pod = besideServer();
  const { stdout, stderr } = await run(
    pod,
    'load',
    '-c',
    '2',
    '-n',
    '4',
    '-qps',
    '0',
    '-quiet',
    '-json',
    '-',
    URL,
  );
  const results: unknown = JSON.parse(stdout);
  assert.partialDeepStrictEqual(results, {
    RunType: 'HTTP',
    Labels: 'httpbin:8000/get , web-1',
    RequestedQPS: 'max',
    RequestedDuration: 'exactly 4 calls',
    NumThreads: 2,
    DurationHistogram: { Count: 4, Percentiles: [{ Percentile: 50 }] },
    ID: '2026-01-01-000000_httpbin_8000_get_web_1',
    RetCodes: { 200: 3, 503: 1 },
    URL,
    SocketCount: 2,
  });
  assert.match(stderr, /^Successfully wrote \d+ bytes of Json data to stdout$/m);
  await run(
    pod,
    'load',
    '-n',
    '2',
    '-qps',
    '0',
    '-c',
    '1',
    '-quiet',
    '-a',
    '-labels',
    'my run',
    URL,
  );
  assert.deepEqual([...pod.files.keys()], ['./2026-01-01-000000_my_run.json']);
});

test('fortio curl puts the head on standard error and the body on standard output, and fails unless it is 200', async () => {
  using pod = besideServer();
  assert.deepEqual(await run(pod, 'curl', '-quiet', URL), {
    stdout: 'hello',
    stderr: 'HTTP/1.1 200 OK\r\nserver: envoy\r\ncontent-length: 5\r\n\r\n',
    exitCode: 0,
  });
  await run(pod, 'curl', '-quiet', URL);
  const failed = await run(pod, 'curl', '-quiet', URL);
  assert.deepEqual(
    [failed.exitCode, failed.stdout],
    [1, 'HTTP/1.1 503 Service Unavailable\r\nserver: envoy\r\ncontent-length: 5\r\n\r\nhello'],
  );
  const refused = await run(pod, 'curl', 'http://httpbin:9/');
  assert.match(
    refused.stderr,
    /"msg":"Unable to connect","dest":"10.96.0.80:9","err":"dial tcp 10.96.0.80:9: connect: connection refused"/,
  );
});

test('fortio curl sends the method, headers and payload it is told', async () => {
  using pod = new FakePod();
  const got: HttpRequest[] = [];
  pod.servers.set('httpbin:80', async (request) => {
    got.push(request);
    return { status: 200, headers: new HttpHeaders(), body: new Uint8Array() };
  });
  await run(
    pod,
    'curl',
    '-X',
    'PUT',
    '-H',
    'Host: other',
    '-H',
    'X-A: 1',
    '-payload',
    'hi',
    'http://httpbin/p?q=1',
  );
  const [request] = got;
  assert.ok(request);
  assert.deepEqual(
    [request.method, request.path, request.authority, Buffer.from(request.body).toString()],
    ['PUT', '/p?q=1', 'other', 'hi'],
  );
  assert.deepEqual(Object.fromEntries(request.headers), {
    'user-agent': 'fortio.org/fortio-1.75.2',
    'x-a': '1',
    'content-type': 'application/octet-stream',
    'content-length': '2',
  });
});

test('fortio says in words what it does not do', async () => {
  using pod = new FakePod();
  const grpc = await run(pod, 'grpcping', 'localhost');
  assert.deepEqual(
    [grpc.exitCode, grpc.stderr],
    [1, "The Regatta simulator's fortio has curl, load and server, no grpcping\n"],
  );
  const tcp = await run(pod, 'load', 'tcp://echo:9000');
  assert.equal(tcp.stderr, "The Regatta simulator's fortio speaks http and https, not tcp\n");
  assert.equal((await run(pod, 'version')).stdout, '1.75.2\n');
});

test("fortio's server echoes as its query says, waits no longer than it may, and refuses its pages in words", async () => {
  using pod = new FakePod();
  pod.start(fortio, { image: IMAGE });
  assert.deepEqual(pod.ports, [8078, 8080, 8081]);
  const echoed = await pod.ask(8080, '/any?status=404&header=X-A:1', {
    method: 'POST',
    body: 'hi',
  });
  assert.deepEqual([echoed.status, echoed.text, echoed.headers['x-a']], [404, 'hi', '1']);
  assert.equal((await pod.ask(8080, '/?size=10')).text.length, 10);
  assert.equal((await pod.ask(8080, '/?status=503:40,429:20')).status, 429);
  assert.equal((await pod.ask(8080, '/?status=soon')).status, 400);
  const late = pod.ask(8080, '/?delay=10s');
  await pod.clock.advance(1_499);
  assert.equal(await Promise.race([late, Promise.resolve('waiting')]), 'waiting');
  await pod.clock.advance(1);
  assert.equal((await late).status, 200);
  assert.equal((await pod.ask(8080, '/fortio/')).status, 501);
  assert.match(
    (await pod.ask(8080, '/debug')).text,
    /^Φορτίο version 1\.75\.2 echo debug server up for 1\.5s on web-1 - request from 127\.0\.0\.6:40000\n\nGET \/debug HTTP\/1\.1\n\nheaders:\n\nHost: web:8080\n/,
  );
  assert.equal((await pod.ask(8081, '/x')).headers['location'], 'https://web/x');
});
