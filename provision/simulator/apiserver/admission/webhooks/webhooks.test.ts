import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { NewObject, Resource } from '../../../client/client.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { configMaps, namespaces } from '../../../kinds/resources.ts';
import { HttpHeaders, type HttpRequest, type HttpResponse } from '../../../net/http.ts';
import type { Target } from '../../../net/network.ts';
import { startForTest } from '../../fake-surroundings.ts';
import { stringAt } from '../../objects/json.ts';

const MUTATING: Resource = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'mutatingwebhookconfigurations',
  kind: 'MutatingWebhookConfiguration',
  isNamespaced: false,
};
const VALIDATING: Resource = {
  ...MUTATING,
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
};

function configuration(resource: Resource, options: object = {}): NewObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: resource.kind,
    metadata: { name: 'hook' },
    webhooks: [
      {
        name: 'hook.example.com',
        clientConfig: { service: { name: 'hook', namespace: 'hooks', path: '/inject' } },
        rules: [
          {
            operations: ['CREATE'],
            apiGroups: [''],
            apiVersions: ['v1'],
            resources: ['configmaps'],
          },
        ],
        namespaceSelector: { matchLabels: { inject: 'yes' } },
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        timeoutSeconds: 5,
        ...options,
      },
    ],
  };
}

function configMap(namespace: string): NewObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace } };
}

function named(name: string, data?: JsonObject): NewObject {
  const metadata = { name, namespace: 'demo' };
  return { ...configMap('demo'), metadata, ...(data && { data }) };
}

function reply(request: HttpRequest, response: object): HttpResponse {
  const review: unknown = JSON.parse(Buffer.from(request.body).toString('utf8'));
  const uid = stringAt(review, 'request', 'uid');
  const body = { apiVersion: 'admission.k8s.io/v1', response: { uid, ...response } };
  return { status: 200, headers: new HttpHeaders(), body: Buffer.from(JSON.stringify(body)) };
}

async function startWithNamespace() {
  const surroundings = await startForTest();
  await surroundings.api.client('test').create(namespaces, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'demo', labels: { inject: 'yes' } },
  });
  return surroundings;
}

test('a mutating webhook changes objects of the namespaces it selects, over the virtual network', async () => {
  const { api: started, answer } = await startWithNamespace();
  await using api = started;
  const client = api.client('test');
  await client.create(MUTATING, configuration(MUTATING));
  const asked: (Target & { path: string })[] = [];
  answer((target, request) => {
    asked.push({ ...target, path: request.path });
    const operations = [{ op: 'add', path: '/data', value: { injected: 'yes' } }];
    const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
    return Promise.resolve(reply(request, { allowed: true, patchType: 'JSONPatch', patch }));
  });
  const changed = await client.create(configMaps, configMap('demo'));
  const untouched = await client.create(configMaps, configMap('default'));
  assert.deepEqual(
    [changed.data, untouched.data, asked],
    [
      { injected: 'yes' },
      undefined,
      [{ host: 'hook.hooks.svc', port: 443, path: '/inject?timeout=5s' }],
    ],
  );
});

test('a validating webhook refuses in its own words', async () => {
  const { api: started, answer } = await startWithNamespace();
  await using api = started;
  const client = api.client('test');
  await client.create(VALIDATING, configuration(VALIDATING));
  answer((_target, request) =>
    Promise.resolve(reply(request, { allowed: false, status: { message: 'not today' } })),
  );
  await assert.rejects(client.create(configMaps, configMap('demo')), {
    code: 400,
    message: 'admission webhook "hook.example.com" denied the request: not today',
  });
});

test('a webhook that cannot be reached fails the request, unless its failurePolicy is Ignore', async () => {
  const { api: started } = await startWithNamespace();
  await using api = started;
  const client = api.client('test');
  await client.create(VALIDATING, configuration(VALIDATING));
  await assert.rejects(client.create(configMaps, configMap('demo')), {
    code: 500,
    message:
      'Internal error occurred: failed calling webhook "hook.example.com": failed to call webhook: Post "https://hook.hooks.svc:443/inject?timeout=5s": dial tcp hook.hooks.svc:443: connect: connection refused',
  });
  await client.update(VALIDATING, configuration(VALIDATING, { failurePolicy: 'Ignore' }));
  await client.create(configMaps, configMap('demo'));
});

test('a webhook that does not answer in time counts as unreachable', async () => {
  const { api: started, answer, clock } = await startWithNamespace();
  await using api = started;
  const client = api.client('test');
  await client.create(VALIDATING, configuration(VALIDATING));
  answer(() => new Promise(() => undefined));
  const creating = assert.rejects(client.create(configMaps, configMap('demo')), {
    message:
      'Internal error occurred: failed calling webhook "hook.example.com": failed to call webhook: Post "https://hook.hooks.svc:443/inject?timeout=5s": context deadline exceeded',
  });
  await clock.advance(5_000);
  await creating;
});

test('a webhook with matchConditions is asked when all hold; an error counts as its failurePolicy says', async () => {
  const { api: started, answer } = await startWithNamespace();
  await using api = started;
  const client = api.client('test');
  answer((_target, request) =>
    Promise.resolve(reply(request, { allowed: false, status: { message: 'asked' } })),
  );
  const matchConditions = [
    { name: 'not-b', expression: "object.metadata.name != 'b'" },
    { name: 'data', expression: "object.data.ask == 'yes'" },
  ];
  await client.create(VALIDATING, configuration(VALIDATING, { matchConditions }));
  await client.create(configMaps, named('b'));
  await client.create(configMaps, named('c', { ask: 'no' }));
  await assert.rejects(client.create(configMaps, named('d', { ask: 'yes' })), {
    message: 'admission webhook "hook.example.com" denied the request: asked',
  });
  await assert.rejects(client.create(configMaps, named('d')), {
    code: 403,
    message: `configmaps "d" is forbidden: expression 'object.data.ask == 'yes'' resulted in error: no such key: data`,
  });
  const ignoring = { matchConditions, failurePolicy: 'Ignore' };
  await client.update(VALIDATING, configuration(VALIDATING, ignoring));
  await client.create(configMaps, named('d'));
});
