import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { StatefulSet } from '../../kinds/types/apps.ts';
import { ORDINALS_LIMIT } from '../limits.ts';
import { ordinalsOf } from './stateful-pods.ts';

const set: StatefulSet = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'web', uid: '', resourceVersion: '', creationTimestamp: '' },
  spec: {
    replicas: 2,
    serviceName: 'web',
    selector: {},
    template: { spec: { restartPolicy: 'Always', containers: [] } },
  },
  status: {},
};

test('ordinalsOf() counts from the first ordinal, and never as far as the memory would not reach', () => {
  assert.deepEqual(ordinalsOf({ ...set, spec: { ...set.spec, ordinals: { start: 3 } } }), [3, 4]);
  const endless = { ...set, spec: { ...set.spec, replicas: 2_147_483_647 } };
  assert.equal(ordinalsOf(endless).length, ORDINALS_LIMIT);
});
