import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import type { KubeObject } from '../../../kinds/object.ts';
import { builtinKinds } from '../../../kinds/registry.ts';
import { HISTORY_LIMIT_EVENTS } from '../../limits.ts';
import { stringAt } from '../../objects/json.ts';
import { Store } from '../../store/store.ts';
import { readListOptions } from './list-options.ts';
import { readPage } from './list.ts';
import { parseFilter } from './selectors.ts';

const kind = builtinKinds().find(({ plural }) => plural === 'configmaps');
assert.ok(kind);
const configMaps = kind;
const RESOURCE = '/configmaps';

interface Place {
  readonly namespace: string;
  readonly name: string;
}

function put(store: Store, { namespace, name }: Place, team: string): void {
  store.put(RESOURCE, (revision) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      namespace,
      name,
      uid: name,
      resourceVersion: String(revision),
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { team },
    },
  }));
}

function page(store: Store, namespace: string, parameters: Record<string, string>) {
  const query = new URLSearchParams(parameters);
  const filter = parseFilter(configMaps, query);
  const options = readListOptions(query, false);
  return readPage(store, { kind: configMaps, namespace, options, filter });
}

const places = fc.uniqueArray(
  fc.record({
    namespace: fc.constantFrom('a', 'a-b', 'b'),
    name: fc.constantFrom('x', 'x-y', 'x.y', 'z'),
  }),
  { selector: ({ namespace, name }) => `${namespace}/${name}` },
);

test('readPage() from token to token gives the list of the moment it began, whatever is written meanwhile', () => {
  const request = fc.record({
    limit: fc.integer({ min: 1, max: 5 }),
    namespace: fc.constantFrom('', 'a'),
    labelSelector: fc.constantFrom('', 'team=even'),
  });
  fc.assert(
    fc.property(places, places, request, (first, later, { limit, namespace, labelSelector }) => {
      const store = new Store();
      first.forEach((place, index) => put(store, place, index % 2 === 0 ? 'even' : 'odd'));
      const whole = page(store, namespace, { labelSelector });
      const items: KubeObject[] = [];
      let token: string | undefined = '';
      let round = 0;
      while (token !== undefined) {
        const next = page(store, namespace, {
          labelSelector,
          limit: String(limit),
          continue: token,
        });
        items.push(...next.items);
        assert.equal(next.metadata['resourceVersion'], whole.metadata['resourceVersion']);
        const remaining = next.metadata['remainingItemCount'];
        if (remaining !== undefined) assert.equal(remaining, whole.items.length - items.length);
        token = stringAt(next.metadata, 'continue');
        const place = later[round++];
        const stored = place && store.get(RESOURCE, place.namespace, place.name);
        if (stored) store.remove(RESOURCE, stored);
        else if (place) put(store, place, 'even');
      }
      assert.deepEqual(items, whole.items);
    }),
  );
});

test('readPage() says that a token is too old, and how to go on with what is there now', () => {
  const store = new Store();
  for (const name of ['a', 'b', 'c']) put(store, { namespace: 'default', name }, 'x');
  const { metadata } = page(store, '', { limit: '1' });
  const token = stringAt(metadata, 'continue') ?? '';
  for (let count = 0; count < 2 * HISTORY_LIMIT_EVENTS; count++) {
    put(store, { namespace: 'default', name: 'd' }, 'x');
  }
  let next = '';
  assert.throws(
    () => page(store, '', { continue: token }),
    (error: { readonly code: number; toStatus(): { metadata: { continue?: string } } }) => {
      next = error.toStatus().metadata.continue ?? '';
      return error.code === 410;
    },
  );
  const rest = page(store, '', { continue: next });
  assert.deepEqual(
    rest.items.map((object) => object.metadata.name),
    ['b', 'c', 'd'],
  );
});
