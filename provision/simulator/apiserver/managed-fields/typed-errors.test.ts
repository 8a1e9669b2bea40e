import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { JsonObject } from '../../kinds/object.ts';
import { builtinKinds } from '../../kinds/registry.ts';
import { configurationError } from './typed-errors.ts';

function messageFor(plural: string, rest: JsonObject): string | undefined {
  const kind = builtinKinds().find((one) => one.plural === plural);
  assert.ok(kind);
  const metadata = { name: 'web', namespace: 'default' };
  const error = configurationError(kind, { apiVersion: '', kind: kind.kind, metadata, ...rest });
  return error?.message.replace(/^failed to create typed patch object \(default\/web; .*?\): /, '');
}

test('configurationError() says what a kind has no place for, in the words of structured-merge-diff', () => {
  assert.deepEqual(
    [
      messageFor('deployments', { spec: { replicas: 1 } }),
      messageFor('deployments', { spec: { replica: 1 } }),
      messageFor('deployments', { spec: { replicas: '1' } }),
      messageFor('deployments', { spec: { paused: 'yes' } }),
      messageFor('configmaps', { data: { port: 80 } }),
      messageFor('configmaps', { data: { port: { number: 80 } } }),
      messageFor('configmaps', { data: ['a'] }),
      messageFor('services', { spec: { ports: [{ port: 80 }, { port: 80, protocol: 'TCP' }] } }),
      messageFor('services', { spec: { ports: 80 } }),
      messageFor('deployments', { spec: { template: { spec: { containers: [{ image: 'x' }] } } } }),
      messageFor('deployments', { spec: { replicas: '1' }, metadata: { name: 'web', labels: 1 } }),
    ],
    [
      undefined,
      '.spec.replica: field not declared in schema',
      '.spec.replicas: expected numeric (int or float), got string',
      '.spec.paused: expected boolean, got &{yes}',
      '.data.port: expected string, got &value.valueUnstructured{Value:80}',
      '.data.port: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"number":80}}',
      '.data: expected map, got &{[a]}',
      '.spec.ports: duplicate entries for key [port=80,protocol="TCP"]',
      '.spec.ports: expected list, got &{80}',
      '.spec.template.spec.containers: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn\'t have default values for any key fields)',
      'failed to create typed patch object (/web; apps/v1, Kind=Deployment): errors:\n  .metadata.labels: expected map, got &{1}\n  .spec.replicas: expected numeric (int or float), got string',
    ],
  );
});
