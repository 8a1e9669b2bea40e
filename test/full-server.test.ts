import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openPage } from './security/page.ts';
import { startTestServer } from './support/server.ts';

const LAB = JSON.stringify({ lab: 'get-started' });

test('a full server tells by HTTP and by socket when to ask again, and lets the next one in when a place is free', async () => {
  await using lab = await startTestServer({ 'max-sessions': '1' });
  const { url } = lab.server;
  const [ada, bob] = [await openPage(url), await openPage(url)];
  const session = await ada.session('get-started');
  using socket = await ada.connect();
  await socket.emitWithAck('session:join', { session, locale: 'en' });

  const ask = () => bob.request('/api/sessions', { method: 'POST', body: LAB });
  const refused = await ask();
  assert.deepEqual(
    {
      status: refused.status,
      retry: refused.headers.get('retry-after'),
      body: await refused.json(),
    },
    {
      status: 503,
      retry: '3',
      body: {
        code: 'server-full',
        message: 'All places on this server are taken; try again in a moment',
        retryAfterSeconds: 3,
        place: 1,
      },
    },
  );
  await ada.request(`/api/sessions/${session}`, { method: 'DELETE' });
  const welcomed = await ask();
  assert.equal(welcomed.status, 200);

  // Ada comes back to a place that is no longer hers.
  const again = await ada.request('/api/sessions', { method: 'POST', body: LAB });
  assert.equal(again.status, 503);
});
