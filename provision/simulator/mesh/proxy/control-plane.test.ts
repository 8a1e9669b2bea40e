import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HttpHeaders } from '../../net/http.ts';
import { routesFor } from '../testbed/mesh.ts';
import { httpServer, startSmallMesh } from '../testbed/small-mesh.ts';

test('A change is in force for the request that comes right after it, without waiting for its burst to end', async () => {
  const mesh = await startSmallMesh([
    httpServer('web', async () => ({
      status: 200,
      headers: new HttpHeaders(),
      body: Buffer.from('web'),
    })),
  ]);
  using testbed = mesh.testbed;
  const before = await mesh.get('http://web/');
  testbed.tables.put(
    routesFor('web', [{ directResponse: { status: 418, body: { string: 'changed' } } }]),
  );
  // Watches are told in the same turn, and no time passes.
  await mesh.clock.advance(0);
  const after = await mesh.get('http://web/');
  assert.deepEqual([before.status, after.status], [200, 418]);
});
