import assert from 'node:assert/strict';
import { test } from 'node:test';

import { asKubeObject } from '../kinds/json.ts';
import { leaseOf, renewedLease, reportedNode } from './node-presence.ts';

const CREATED = '2026-01-01T00:00:00Z';
const createdMs = Date.parse(CREATED);
const NODE = asKubeObject({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node01', uid: 'u1', resourceVersion: '1', creationTimestamp: CREATED },
  status: {
    conditions: [
      { type: 'Ready', status: 'True', lastHeartbeatTime: CREATED, lastTransitionTime: CREATED },
    ],
  },
});

function leaseAt(seconds: number): unknown {
  const lease = leaseOf(NODE, createdMs);
  const stored = asKubeObject({
    ...lease,
    metadata: { ...lease.metadata, uid: 'u2', resourceVersion: '2', creationTimestamp: CREATED },
  });
  const shown = renewedLease(stored, createdMs + seconds * 1000);
  return 'spec' in shown ? shown.spec : undefined;
}

test('a Lease looks renewed every ten seconds, though nobody writes it', () => {
  const spec = { holderIdentity: 'node01', leaseDurationSeconds: 40 };
  assert.deepEqual(
    [leaseAt(0), leaseAt(9), leaseAt(3605)],
    ['00:00:00', '00:00:00', '01:00:00'].map((time) => {
      return { ...spec, renewTime: `2026-01-01T${time}.000000Z` };
    }),
  );
});

test('a Lease that is no heartbeat of a node stays as its holder left it', () => {
  const metadata = { name: 'leader', namespace: 'istio-system', creationTimestamp: CREATED };
  const lease = asKubeObject({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata });
  assert.equal(renewedLease(lease, createdMs + 60_000), lease);
});

test('a Node shows a heartbeat every five minutes and its images by size, the same object in between', () => {
  const images = new Set(['docker.io/library/nginx:1.29', 'docker.io/library/busybox:1.36']);
  const first = reportedNode(NODE, images, createdMs + 299_000);
  const later = reportedNode(NODE, images, createdMs + 601_000);
  const heartbeats = [first, later].map(
    (node) => JSON.stringify(node).match(/lastHeartbeatTime":"([^"]+)/)?.[1],
  );
  assert.deepEqual(heartbeats, [CREATED, '2026-01-01T00:10:00Z']);
  const sizes = [...JSON.stringify(later).matchAll(/"sizeBytes":(\d+)/g)].map(([, size]) =>
    Number(size),
  );
  assert.deepEqual(
    sizes,
    sizes.toSorted((a, b) => b - a),
  );
  assert.equal(sizes.length, 2);
  assert.equal(reportedNode(NODE, images, createdMs + 602_000), later);
});
