import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { createInterface, type Interface } from 'node:readline';
import { test } from 'node:test';

import type { NewObject } from '../../client/client.ts';
import { configMaps } from '../../kinds/resources.ts';
import { Caller } from '../fake-caller.ts';
import { listen, startForTest } from '../fake-surroundings.ts';
import { HISTORY_LIMIT_EVENTS } from '../limits.ts';
import { at, listAt, stringAt } from '../objects/json.ts';

function configMap(name: string, labels = {}): NewObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'kube-public', labels },
  };
}

const MAPS = '/api/v1/namespaces/kube-public/configmaps';

function names(page: { readonly json: unknown }): readonly unknown[] {
  return listAt(page.json, 'items').map((item) => at(item, 'metadata', 'name'));
}

async function nextEvent(lines: AsyncIterator<string>): Promise<string> {
  const { value } = await lines.next();
  const event: unknown = JSON.parse(String(value));
  const name =
    stringAt(event, 'object', 'metadata', 'name') ?? stringAt(event, 'object', 'message');
  return `${stringAt(event, 'type')} ${name}`;
}

function linesOf(response: IncomingMessage): AsyncIterator<string> & { close(): void } {
  const reader: Interface = createInterface({ input: response });
  const iterator = reader[Symbol.asyncIterator]();
  return { next: () => iterator.next(), close: () => response.destroy() };
}

test('LIST gives pages that lead to one another and a table when asked for one', async () => {
  await using api = (await startForTest()).api;
  await using server = await listen(api);
  const admin = new Caller(api, server.port);
  for (const name of ['a', 'b', 'c']) await api.client('test').create(configMaps, configMap(name));
  const first = await admin.call('GET', `${MAPS}?limit=2`);
  const next = encodeURIComponent(stringAt(first.json, 'metadata', 'continue') ?? '');
  const second = await admin.call('GET', `${MAPS}?limit=3&continue=${next}`);
  assert.deepEqual(
    [names(first), at(first.json, 'metadata', 'remainingItemCount'), names(second)],
    [['a', 'b'], 3, ['c', 'cluster-info', 'kube-root-ca.crt']],
  );
  const table = await admin.call('GET', `${MAPS}?labelSelector=x`, undefined, {
    accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
  });
  assert.deepEqual(
    [at(table.json, 'kind'), listAt(table.json, 'columnDefinitions').map((one) => at(one, 'name'))],
    ['Table', ['Name', 'Data', 'Age']],
  );
});

test('WATCH begins at once, turns changes of labels into ADDED and DELETED, and ends with its timeout', async () => {
  const { api: started, clock } = await startForTest();
  await using api = started;
  await using server = await listen(api);
  const client = api.client('test');
  const admin = new Caller(api, server.port);
  const path = `${MAPS}?watch=true&labelSelector=app%3Dweb&timeoutSeconds=60&allowWatchBookmarks=true`;
  const lines = linesOf(await admin.open('GET', path));
  await client.create(configMaps, configMap('a'));
  await client.update(configMaps, configMap('a', { app: 'web' }));
  await client.update(configMaps, configMap('a', { app: 'web', more: 'yes' }));
  await client.update(configMaps, configMap('a'));
  assert.deepEqual(
    [await nextEvent(lines), await nextEvent(lines), await nextEvent(lines)],
    ['ADDED a', 'MODIFIED a', 'DELETED a'],
  );
  await clock.advance(60_000);
  assert.equal(await nextEvent(lines), 'BOOKMARK undefined');
  assert.equal((await lines.next()).done, true);
});

test('WATCH from a version that is no longer known is told 410 Expired, WatchList gets everything and a bookmark', async () => {
  await using api = (await startForTest()).api;
  await using server = await listen(api);
  const client = api.client('test');
  const admin = new Caller(api, server.port);
  await client.create(configMaps, configMap('a'));
  for (let count = 0; count < 2 * HISTORY_LIMIT_EVENTS; count++) {
    await client.update(configMaps, configMap('a', { count: String(count) }));
  }
  const old = linesOf(await admin.open('GET', `${MAPS}?watch=true&resourceVersion=1`));
  assert.match(await nextEvent(old), /^ERROR too old resource version: 1 \(\d+\)$/);
  const path = `${MAPS}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&fieldSelector=metadata.name%3Da`;
  const all = linesOf(await admin.open('GET', path));
  assert.deepEqual([await nextEvent(all), await nextEvent(all)], ['ADDED a', 'BOOKMARK undefined']);
  all.close();
});

test('a token speaks for its service account and may do what roles allow, in upstream words otherwise', async () => {
  await using api = (await startForTest()).api;
  await using server = await listen(api);
  const token = api.serviceAccountToken({ namespace: 'default', name: 'default' });
  const caller = new Caller(api, server.port, token);
  const { status, json } = await caller.call('GET', '/api/v1/namespaces/default/pods');
  assert.deepEqual(
    [status, json],
    [
      403,
      {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message:
          'pods is forbidden: User "system:serviceaccount:default:default" cannot list resource "pods" in API group "" in the namespace "default"',
        reason: 'Forbidden',
        details: { kind: 'pods' },
        code: 403,
      },
    ],
  );
  const review = await caller.call('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'SelfSubjectReview',
  });
  assert.equal(
    stringAt(review.json, 'status', 'userInfo', 'username'),
    'system:serviceaccount:default:default',
  );
  const stranger = new Caller(api, server.port, 'not-a-token');
  assert.equal((await stranger.call('GET', '/version')).status, 401);
});

test('unknown fields are refused under Strict, warned of by default and dropped', async () => {
  await using api = (await startForTest()).api;
  await using server = await listen(api);
  const admin = new Caller(api, server.port);
  const body = { ...configMap('odd'), foo: 1 };
  const strict = await admin.call('POST', `${MAPS}?fieldValidation=Strict`, body);
  assert.deepEqual(
    [strict.status, stringAt(strict.json, 'message')],
    [
      400,
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "foo"',
    ],
  );
  const warned = await admin.open('POST', MAPS, body);
  assert.deepEqual(
    [warned.statusCode, warned.headers['warning']],
    [201, '299 - "unknown field \\"foo\\""'],
  );
  warned.resume();
});

test('a path that names nothing is refused with a Status below the groups that are built in, and as text elsewhere', async () => {
  await using api = (await startForTest()).api;
  await using server = await listen(api);
  const admin = new Caller(api, server.port);
  const types: unknown[] = [];
  for (const path of ['/api/v1/nope', '/api/v9', '/apis/apps/v9', '/apis/nobody.io/v1/a', '/nope'])
    types.push((await admin.open('GET', path)).headers['content-type']);
  const text = 'text/plain; charset=utf-8';
  const status = 'application/json';
  assert.deepEqual(types, [status, status, status, text, text]);
  const strange = await admin.call('GET', MAPS, undefined, { accept: 'application/pdf' });
  assert.equal(
    at(strange.json, 'message'),
    'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  );
});

test('a client that forgot the s of https is told so in words it can read', async () => {
  await using api = (await startForTest()).api;
  await using server = await listen(api);
  const response = await fetch(`http://127.0.0.1:${server.port}/api`);
  assert.deepEqual(
    [response.status, await response.text()],
    [400, 'Client sent an HTTP request to an HTTPS server.\n'],
  );
});
