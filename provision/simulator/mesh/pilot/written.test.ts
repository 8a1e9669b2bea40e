import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ApiError } from '../../client/api-error.ts';
import { Tables } from '../testbed/tables.ts';
import { publishRoot } from './ca/publish-root.ts';
import { registerWebhooks } from './webhooks/authority-bundles.ts';
import { written } from './written.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('written() survives every refusal, and logs those that no later event is about', async () => {
  const logged: string[] = [];
  const log = (line: string) => void logged.push(line);
  for (const [code, reason] of [
    [404, 'NotFound'],
    [409, 'Conflict'],
    [409, 'AlreadyExists'],
    [403, 'Forbidden'],
    [422, 'Invalid'],
  ] as const) {
    await written(Promise.reject(new ApiError(code, reason, `no: ${reason}`)), 'ingress', log);
  }
  await written(Promise.reject(new Error('the cluster has ended')), 'ingress', log);
  assert.deepEqual(logged, [
    'error\tingress\tno: Forbidden',
    'error\tingress\tno: Invalid',
    'error\tingress\tthe cluster has ended',
  ]);
});

test('istiod goes on when the cluster refuses its root certificate and its CA bundles', async () => {
  class Refusing extends Tables {
    override create = refuse;
    override update = refuse;
    override patch = refuse;
  }
  const client = new Refusing();
  const logged: string[] = [];
  const log = (line: string) => void logged.push(line);
  using _ = publishRoot(client, 'PEM', log);
  using hooks = registerWebhooks(client, { bundle: 'PEM', revision: 'default', log });
  void hooks;
  client.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'full' } });
  client.put({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'istio-sidecar-injector', labels: { 'istio.io/rev': 'default' } },
    webhooks: [{ clientConfig: {}, failurePolicy: 'Ignore' }],
  });
  await settled();
  assert.deepEqual(logged, [
    'error\tnamespace controller\texceeded quota',
    'error\twebhooks\texceeded quota',
  ]);
});

function refuse(): Promise<never> {
  return Promise.reject(new ApiError(403, 'Forbidden', 'exceeded quota'));
}
