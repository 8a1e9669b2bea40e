import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HttpHeaders, type HttpRequest } from '../../../net/http.ts';
import { httpServer, startSmallMesh } from '../../testbed/small-mesh.ts';
import { WorkloadIdentity } from './workload-identity.ts';

const CURL = {
  podName: 'curl-1',
  namespace: 'foo',
  workload: 'curl',
  app: 'curl',
  version: 'latest',
  serviceAccount: 'curl',
};

test("A workload has the trust domain of its environment until istiod signs, then the mesh's, and keeps it", () => {
  const identity = new WorkloadIdentity({ ...CURL, trustDomain: 'old-td' });
  const seen = () => [identity.name, identity.workload.trustDomain];
  const before = seen();
  identity.sign(undefined);
  const unsigned = seen();
  identity.sign('new-td');
  const signed = seen();
  identity.sign('newer-td');
  assert.deepEqual(
    [before, unsigned, signed, seen()],
    ['old-td', 'old-td', 'new-td', 'new-td'].map((domain) => [
      `spiffe://${domain}/ns/foo/sa/curl`,
      domain,
    ]),
  );
});

test('Workloads keep the trust domain that they were started with when the mesh changes its own', async () => {
  const asked: HttpRequest[] = [];
  const mesh = await startSmallMesh([
    httpServer('web', async (request) => {
      asked.push(request);
      return { status: 200, headers: new HttpHeaders(), body: Buffer.from('web') };
    }),
  ]);
  using _ = mesh.testbed;
  await mesh.put({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio', namespace: 'istio-system' },
    data: { mesh: 'trustDomain: new-td' },
  });
  await mesh.get('http://web/');
  assert.match(
    asked[0]?.headers.get('x-forwarded-client-cert') ?? '',
    /^By=spiffe:\/\/cluster\.local\/ns\/default\/sa\/default;.*URI=spiffe:\/\/cluster\.local\/ns\/default\/sa\/default$/,
  );
});
