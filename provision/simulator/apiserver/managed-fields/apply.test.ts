import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Kind } from '../../kinds/kind.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { builtinKinds } from '../../kinds/registry.ts';
import { listAt, stringAt, withValue } from '../objects/json.ts';
import { applyConfiguration } from './apply.ts';
import { trackUpdate } from './track.ts';

const TIME = '2026-01-01T00:00:00Z';

function deploymentKind(): Kind {
  const kind = builtinKinds().find(({ plural }) => plural === 'deployments');
  assert.ok(kind);
  return kind;
}

function withContainers(containers: readonly JsonObject[], replicas?: number): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      ...(replicas !== undefined && { replicas }),
      template: { spec: { containers } },
    },
  };
}

function ofNames(...names: readonly string[]): JsonObject {
  return withContainers(names.map((name) => ({ name })));
}

function namesIn(object: JsonObject): readonly (string | undefined)[] {
  const containers = listAt(object, 'spec', 'template', 'spec', 'containers');
  return containers.map((item) => stringAt(item, 'name'));
}

const web = { name: 'web', image: 'web:1' };
const proxy = { name: 'proxy', image: 'proxy:1' };

/** Applies as `manager` and returns the object with its managedFields. */
function apply(current: JsonObject, applied: JsonObject, manager: string, isForced = false) {
  const kind = deploymentKind();
  const options = { manager, isForced, subresource: '', time: TIME };
  const { object, managedFields } = applyConfiguration(kind, current, applied, options);
  return withValue(object, ['metadata', 'managedFields'], managedFields);
}

test('applyConfiguration() merges keyed lists, and takes away what its manager no longer applies and nobody else owns', () => {
  const first = apply(withContainers([]), withContainers([web], 3), 'one');
  const second = apply(first, withContainers([proxy]), 'two');
  const third = apply(second, withContainers([proxy]), 'one');
  assert.deepEqual(second['spec'], {
    replicas: 3,
    template: { spec: { containers: [web, proxy] } },
  });
  assert.deepEqual(third['spec'], { template: { spec: { containers: [proxy] } } });
});

test('applyConfiguration() names the fields that others set to something else, unless it is forced', () => {
  const kind = deploymentKind();
  const created = withContainers([web], 1);
  const creation = { manager: 'kubectl-create', subresource: '', time: TIME };
  const managedFields = trackUpdate(kind, created, undefined, creation);
  const tracked = withValue(created, ['metadata', 'managedFields'], managedFields);
  const wanted = withContainers([{ ...web, image: 'web:2' }], 1);
  assert.throws(() => apply(tracked, wanted, 'kubectl'), {
    code: 409,
    message: `Apply failed with 1 conflict: conflict with "kubectl-create" using apps/v1: .spec.template.spec.containers[name="web"].image`,
    details: {
      causes: [
        {
          reason: 'FieldManagerConflict',
          message: 'conflict with "kubectl-create" using apps/v1',
          field: '.spec.template.spec.containers[name="web"].image',
        },
      ],
    },
  });
  const forced = apply(tracked, wanted, 'kubectl', true);
  assert.deepEqual(forced['spec'], {
    replicas: 1,
    template: { spec: { containers: [{ ...web, image: 'web:2' }] } },
  });
  assert.deepEqual(forced['metadata'], {
    name: 'web',
    managedFields: [
      {
        apiVersion: 'apps/v1',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:spec': {
            'f:replicas': {},
            'f:template': {
              'f:spec': {
                'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:image': {}, 'f:name': {} } },
              },
            },
          },
        },
        manager: 'kubectl',
        operation: 'Apply',
        time: TIME,
      },
      {
        apiVersion: 'apps/v1',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:spec': {
            'f:replicas': {},
            'f:template': {
              'f:spec': { 'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:name': {} } } },
            },
          },
        },
        manager: 'kubectl-create',
        operation: 'Update',
        time: TIME,
      },
    ],
  });
});

test('applyConfiguration() lets kubectl take over what it applied on the client side and nobody changed since', () => {
  const kind = deploymentKind();
  const before = withContainers([web], 1);
  const annotated = {
    ...before,
    metadata: {
      name: 'web',
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(before) },
    },
  };
  const creation = { manager: 'kubectl-client-side-apply', subresource: '', time: TIME };
  const managedFields = trackUpdate(kind, annotated, undefined, creation);
  const live = withValue(annotated, ['metadata', 'managedFields'], managedFields);
  const wanted = withContainers([{ ...web, image: 'web:2' }], 2);
  assert.throws(() => apply(live, wanted, 'somebody'), { code: 409 });
  const applied = apply(live, wanted, 'kubectl');
  assert.deepEqual(applied['spec'], wanted['spec']);
  assert.equal(
    stringAt(
      applied,
      'metadata',
      'annotations',
      'kubectl.kubernetes.io/last-applied-configuration',
    ),
    '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":2,"template":{"spec":{"containers":[{"image":"web:2","name":"web"}]}}}}\n',
  );
  const scaled = withValue(live, ['spec', 'replicas'], 5);
  const tracked = trackUpdate(kind, scaled, live, { ...creation, manager: 'somebody' });
  const changed = withValue(scaled, ['metadata', 'managedFields'], tracked);
  assert.throws(() => apply(changed, wanted, 'kubectl'), {
    message: 'Apply failed with 1 conflict: conflict with "somebody" using apps/v1: .spec.replicas',
  });
});

test('applyConfiguration() lists the conflicts of each manager, fields before what is below them', () => {
  const kind = deploymentKind();
  const created = withContainers([web, proxy], 1);
  const creation = { manager: 'kubectl-create', subresource: '', time: TIME };
  const managedFields = trackUpdate(kind, created, undefined, creation);
  const tracked = withValue(created, ['metadata', 'managedFields'], managedFields);
  const taken = apply(tracked, withContainers([{ ...proxy, image: 'proxy:2' }]), 'robot', true);
  const wanted = withContainers(
    [
      { ...proxy, image: 'proxy:3' },
      { ...web, image: 'web:2' },
    ],
    2,
  );
  assert.throws(() => apply(taken, wanted, 'kubectl'), {
    message: [
      'Apply failed with 3 conflicts: conflicts with "kubectl-create" using apps/v1:',
      '- .spec.replicas',
      '- .spec.template.spec.containers[name="web"].image',
      'conflicts with "robot":',
      '- .spec.template.spec.containers[name="proxy"].image',
    ].join('\n'),
  });
});

test('applyConfiguration() puts applied items in their order and leaves the others where they stand', () => {
  const first = apply(withContainers([]), ofNames('a', 'b', 'c'), 'one');
  assert.deepEqual(namesIn(apply(first, ofNames('x', 'b'), 'two')), ['a', 'x', 'b', 'c']);
  assert.deepEqual(namesIn(apply(first, ofNames('c', 'a', 'y'), 'two')), ['b', 'c', 'a', 'y']);
});
