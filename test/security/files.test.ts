import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { TRANSFER_BYTES } from '#protocol';

import { startTestServer, type TestServer } from '../support/server.ts';
import { openPage, type Page } from './page.ts';

let running: TestServer;
let page: Page;
let files: string;

before(async () => {
  running = await startTestServer();
  page = await openPage(running.server.url);
  files = `/api/sessions/${await page.session('get-started')}/files`;
});

after(async () => running[Symbol.asyncDispose]());

function put(
  query: string,
  body: string | Uint8Array<ArrayBuffer>,
  from = page,
): Promise<Response> {
  const headers = { 'content-type': 'application/octet-stream' };
  return from.request(`${files}?${query}`, { method: 'PUT', body, headers });
}

/** Status and code of a refusal. */
async function refusal(answer: Promise<Response>): Promise<string> {
  const response = await answer;
  const body: unknown = await response.json();
  const code = typeof body === 'object' && body !== null && 'code' in body ? body.code : '';
  return `${response.status} ${String(code)}`;
}

test('what is uploaded is downloaded, as an attachment that no browser runs', async () => {
  const text = '<script>alert(1)</script>';
  assert.equal((await put('path=a%20%22b.html&version=none', text)).status, 200);
  const answer = await page.request(`${files}/download?path=a%20%22b.html`);
  assert.equal(await answer.text(), text);
  assert.deepEqual(
    [
      'content-type',
      'content-disposition',
      'content-security-policy',
      'x-content-type-options',
    ].map((name) => answer.headers.get(name)),
    [
      'application/octet-stream',
      "attachment; filename*=UTF-8''a%20%22b.html",
      "sandbox; default-src 'none'",
      'nosniff',
    ],
  );
});

test('the files of another learner are those of no session', async () => {
  const other = await openPage(running.server.url);
  const outcomes = await Promise.all([
    refusal(other.request(`${files}?path=.`)),
    refusal(other.request(`${files}/text?path=.bashrc`)),
    refusal(other.request(`${files}/download?path=.`)),
    refusal(other.request(`${files}?path=.bashrc`, { method: 'DELETE' })),
    refusal(put('path=x&version=any', 'x', other)),
  ]);
  assert.deepEqual(
    outcomes,
    outcomes.map(() => '404 session-not-found'),
  );
});

test('pages of others read and change no files', async () => {
  const origin = 'http://evil.example';
  const site = { 'sec-fetch-site': 'cross-site' };
  assert.deepEqual(
    [
      await refusal(
        page.request(`${files}?path=x&version=any`, { method: 'PUT', headers: { origin } }),
      ),
      await refusal(page.request(`${files}?path=x`, { method: 'DELETE', headers: { origin } })),
      await refusal(page.request(`${files}/download?path=.bashrc`, { headers: site })),
    ],
    ['403 foreign-origin', '403 foreign-origin', '403 foreign-origin'],
  );
});

test('requests that are none, and files that are too large, are refused in words', async () => {
  assert.deepEqual(
    [
      await refusal(page.request(files)),
      await refusal(page.request(`${files}?path=a&path=b`)),
      await refusal(page.request(`${files}/text?path=gone`)),
      await refusal(put('path=x', 'x')),
      await refusal(put('path=x%00y&version=any', 'x')),
      await refusal(page.request(`${files}/folders`, { method: 'POST', body: '[]' })),
      await refusal(page.request(`${files}/moves`, { method: 'POST', body: '{"from":"x"}' })),
      await refusal(put('path=x&version=any', new Uint8Array(TRANSFER_BYTES + 1))),
    ],
    [
      '400 file-name',
      '400 file-name',
      '404 file-missing',
      '400 bad-request',
      '400 file-name',
      '400 file-name',
      '400 file-name',
      '413 file-too-large-to-send',
    ],
  );
});

test('the schemas of the cluster are told, and nothing else that the server may read there', async () => {
  const schemas = files.replace(/files$/, 'schemas');
  const other = await openPage(running.server.url);
  const answer = await page.request(`${schemas}?group=api/v1`);
  assert.match(await answer.text(), /io\.k8s\.api\.core\.v1\.Pod/);
  const groups = [
    '../../api/v1/secrets',
    'api/../..',
    'apis/..',
    'api/v1?x',
    'api/v1/secrets/x',
    '/',
    'x',
  ];
  assert.deepEqual(
    await Promise.all(
      groups.map((group) => refusal(page.request(`${schemas}?group=${encodeURIComponent(group)}`))),
    ),
    groups.map(() => '400 bad-request'),
  );
  assert.deepEqual(
    [
      await refusal(page.request(`${schemas}?group=apis/no.such/v1`)),
      await refusal(other.request(`${schemas}?group=api/v1`)),
    ],
    ['502 no-schemas', '404 session-not-found'],
  );
});
