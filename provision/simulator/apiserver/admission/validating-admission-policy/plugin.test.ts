import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { NewObject, Resource } from '../../../client/client.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { configMaps, namespaces } from '../../../kinds/resources.ts';
import { startForTest } from '../../fake-surroundings.ts';
import { at } from '../../objects/json.ts';

const GROUP = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  isNamespaced: false,
} as const;
const POLICIES: Resource = {
  ...GROUP,
  plural: 'validatingadmissionpolicies',
  kind: 'ValidatingAdmissionPolicy',
};
const BINDINGS: Resource = {
  ...GROUP,
  plural: 'validatingadmissionpolicybindings',
  kind: 'ValidatingAdmissionPolicyBinding',
};
const HPAS: Resource = {
  group: 'autoscaling',
  version: 'v2',
  plural: 'horizontalpodautoscalers',
  kind: 'HorizontalPodAutoscaler',
  isNamespaced: true,
};

const CONFIG_MAPS: JsonObject = {
  apiGroups: [''],
  apiVersions: ['v1'],
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  resources: ['configmaps'],
};

function policy(
  spec: JsonObject,
  rule: JsonObject = CONFIG_MAPS,
  match: JsonObject = {},
): NewObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'p' },
    spec: { matchConstraints: { resourceRules: [rule], ...match }, ...spec },
  };
}

function binding(spec: JsonObject = {}): NewObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'b' },
    spec: { policyName: 'p', validationActions: ['Deny'], ...spec },
  };
}

function configMap(name: string, data?: Readonly<Record<string, string>>): NewObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default' },
    ...(data && { data }),
  };
}

async function startWith(...objects: readonly NewObject[]) {
  const { api } = await startForTest();
  const client = api.client('test');
  for (const object of objects) {
    await client.create(object.kind === POLICIES.kind ? POLICIES : BINDINGS, object);
  }
  return api;
}

const DENIED =
  "configmaps \"a\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ";

test('a policy is asked about what it matches, and its reason decides the code of the refusal', async () => {
  await using api = await startWith(
    policy(
      {
        validations: [
          {
            expression: 'has(object.data)',
            message: 'empty',
            reason: 'RequestEntityTooLarge',
          },
        ],
      },
      CONFIG_MAPS,
      { excludeResourceRules: [{ ...CONFIG_MAPS, resourceNames: ['free'] }] },
    ),
    binding(),
  );
  const client = api.client('test');
  await assert.rejects(client.create(configMaps, configMap('a')), {
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: `${DENIED}empty`,
    details: {
      name: 'a',
      kind: 'configmaps',
      causes: [{ message: "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: empty" }],
    },
  });
  await client.create(configMaps, configMap('free'));
  await client.create(configMaps, configMap('full', { a: 'b' }));
});

test('what cannot be evaluated denies, unless the failurePolicy is Ignore', async () => {
  const broken = { validations: [{ expression: 'object.data.missing == oldObject.data.x' }] };
  await using api = await startWith(policy(broken), binding());
  const client = api.client('test');
  await assert.rejects(client.create(configMaps, configMap('a')), {
    code: 422,
    message: `${DENIED}expression 'object.data.missing == oldObject.data.x' resulted in error: no such key: data`,
  });
  await client.update(POLICIES, policy({ ...broken, failurePolicy: 'Ignore' }));
  await client.create(configMaps, configMap('a'));
});

test('a deletion is asked about with the old object, and conditions tell which requests a policy is for', async () => {
  await using api = await startWith(
    policy({
      matchConditions: [{ name: 'deletions', expression: "request.operation == 'DELETE'" }],
      validations: [{ expression: "object == null && oldObject.metadata.name != 'a'" }],
    }),
    binding(),
  );
  const client = api.client('test');
  await client.create(configMaps, configMap('a'));
  await client.create(configMaps, configMap('b'));
  await client.delete(configMaps, { name: 'b', namespace: 'default' });
  await assert.rejects(client.delete(configMaps, { name: 'a', namespace: 'default' }), {
    message: `${DENIED}failed expression: object == null && oldObject.metadata.name != 'a'`,
  });
});

test('a policy for another version of a resource sees the object in that version', async () => {
  const rule = {
    ...CONFIG_MAPS,
    apiGroups: ['autoscaling'],
    apiVersions: ['v1'],
    resources: [HPAS.plural],
  };
  const validations = [
    {
      expression: 'object.spec.targetCPUUtilizationPercentage <= 50',
      messageExpression: "request.kind.version + ' for ' + request.requestKind.version",
    },
  ];
  await using api = await startWith(policy({ validations }, rule), binding());
  const client = api.client('test');
  const autoscaler: NewObject = {
    apiVersion: 'autoscaling/v2',
    kind: HPAS.kind,
    metadata: { name: 'a', namespace: 'default' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' },
      maxReplicas: 2,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
        },
      ],
    },
  };
  await assert.rejects(client.create(HPAS, autoscaler), {
    message:
      "horizontalpodautoscalers.autoscaling \"a\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: v1 for v2",
  });
  await client.update(POLICIES, policy({ validations }, rule, { matchPolicy: 'Exact' }));
  await client.create(HPAS, autoscaler);
});

test('parameters are chosen by labels, and each of them is asked', async () => {
  await using api = await startWith(
    policy({
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      matchConditions: [{ name: 'no-parameter', expression: '!has(object.metadata.labels)' }],
      variables: [
        { name: 'limit', expression: 'int(params.data.limit)' },
        { name: 'size', expression: 'object.data.size()' },
        { name: 'isSmall', expression: 'variables.size <= variables.limit' },
      ],
      validations: [
        {
          expression: 'variables.isSmall',
          messageExpression: "'more than ' + string(variables.limit)",
        },
      ],
    }),
    binding({
      paramRef: { selector: { matchLabels: { is: 'limit' } }, parameterNotFoundAction: 'Allow' },
    }),
  );
  const client = api.client('test');
  const data = { a: '1', b: '2' };
  await client.create(configMaps, configMap('none', data));
  for (const limit of ['5', '1']) {
    const metadata = { name: `limit-${limit}`, namespace: 'default', labels: { is: 'limit' } };
    await client.create(configMaps, { ...configMap(''), metadata, data: { limit } });
  }
  await assert.rejects(client.create(configMaps, configMap('a', data)), {
    message: `${DENIED}more than 1`,
  });
});

test('the labels of namespaces tell where a binding holds, and their object can be read', async () => {
  await using api = await startWith(
    policy({ validations: [{ expression: 'namespaceObject.metadata.labels.level != "high"' }] }),
    binding({ matchResources: { namespaceSelector: { matchLabels: { checked: 'yes' } } } }),
  );
  const client = api.client('test');
  const labels = { checked: 'yes', level: 'high' };
  await client.create(namespaces, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'n', labels },
  });
  await client.create(configMaps, configMap('a'));
  await assert.rejects(
    client.create(configMaps, { ...configMap('a'), metadata: { name: 'a', namespace: 'n' } }),
    { message: `${DENIED}failed expression: namespaceObject.metadata.labels.level != "high"` },
  );
  const stored = client.get(POLICIES, 'p');
  assert.deepEqual(at(stored, 'status'), { observedGeneration: 1, typeChecking: {} });
});
