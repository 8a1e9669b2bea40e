import assert from 'node:assert/strict';
import { test } from 'node:test';

import { flowSchemas } from '../../kinds/resources.ts';
import { Caller } from '../fake-caller.ts';
import { listen, startForTest } from '../fake-surroundings.ts';

const SCHEMAS = '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas';

test('an answer names the flow of its request: that of least precedence which fits sender and path', async () => {
  await using api = (await startForTest()).api;
  await using server = await listen(api);
  const client = api.client('test');
  const admin = new Caller(api, server.port);
  const account = api.serviceAccountToken({ namespace: 'kube-system', name: 'default' });
  const flowFor = async (caller: Caller, path: string) => {
    const { headers } = await caller.open('GET', path);
    const uid = headers['x-kubernetes-pf-flowschema-uid'];
    return client.list(flowSchemas).find(({ metadata }) => metadata.uid === uid)?.metadata.name;
  };
  const own = {
    priorityLevelConfiguration: { name: 'workload-low' },
    matchingPrecedence: 50,
    rules: [
      {
        subjects: [{ kind: 'User', user: { name: 'kubernetes-admin' } }],
        resourceRules: [
          { verbs: ['list'], apiGroups: [''], resources: ['pods'], namespaces: ['kube-system'] },
        ],
      },
    ],
  };
  await admin.call('POST', SCHEMAS, { metadata: { name: 'own' }, spec: own });
  assert.deepEqual(
    [
      await flowFor(admin, '/api/v1/nodes'),
      await flowFor(admin, '/livez'),
      await flowFor(new Caller(api, server.port, account), '/api/v1/nodes'),
      await flowFor(admin, '/api/v1/namespaces/kube-system/pods'),
      await flowFor(admin, '/api/v1/namespaces/default/pods'),
      await flowFor(new Caller(api, server.port, 'nonsense'), '/api/v1/nodes'),
    ],
    [
      'global-default',
      'probes',
      'kube-system-service-accounts',
      'own',
      'global-default',
      undefined,
    ],
  );
});
