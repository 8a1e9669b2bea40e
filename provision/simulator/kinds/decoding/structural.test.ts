import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ApiError } from '../../client/api-error.ts';
import type { JsonObject } from '../object.ts';
import { builtinKinds } from '../registry.ts';
import { validateShape } from './structural.ts';

/** What the API server answers to an object of the kind. */
function answer(kindName: string, object: JsonObject): string {
  const kind = builtinKinds().find((one) => one.kind === kindName);
  assert.ok(kind);
  try {
    validateShape(kind, object);
    return '';
  } catch (error) {
    assert.ok(error instanceof ApiError && error.code === 400);
    return error.message;
  }
}

function withContainer(container: JsonObject): JsonObject {
  return { spec: { template: { spec: { containers: [container] } } } };
}

const PREFIX = 'Deployment in version "v1" cannot be handled as a Deployment: ';
const STRUCT = 'Go struct field';

test('validateShape() words a wrong type as the API server of 1.34 does', () => {
  const cases: readonly (readonly [JsonObject, string])[] = [
    [
      { spec: { replicas: '3' } },
      `json: cannot unmarshal string into ${STRUCT} DeploymentSpec.spec.replicas of type int32`,
    ],
    [
      { spec: { replicas: 1.5 } },
      `json: cannot unmarshal number 1.5 into ${STRUCT} DeploymentSpec.spec.replicas of type int32`,
    ],
    [
      withContainer({ env: [{ name: 'A', value: 1 }] }),
      `json: cannot unmarshal number into ${STRUCT} EnvVar.spec.template.spec.containers.env.value of type string`,
    ],
    [
      { spec: { template: { spec: { containers: {} } } } },
      `json: cannot unmarshal object into ${STRUCT} PodSpec.spec.template.spec.containers of type []v1.Container`,
    ],
    [
      { metadata: { labels: { app: true } } },
      `json: cannot unmarshal bool into ${STRUCT} ObjectMeta.metadata.labels of type string`,
    ],
    [
      { spec: 'x' },
      `json: cannot unmarshal string into ${STRUCT} Deployment.spec of type v1.DeploymentSpec`,
    ],
    [
      withContainer({ resources: { limits: { cpu: '1 core' } } }),
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      { spec: { strategy: { rollingUpdate: { maxSurge: true } } } },
      'json: cannot unmarshal bool into Go value of type int32',
    ],
  ];
  assert.deepEqual(
    cases.map(([object]) => answer('Deployment', object)),
    cases.map(([, text]) => PREFIX + text),
  );
});

test('validateShape() accepts numbers and percentages, quantities of both kinds, and null', () => {
  const deployment = {
    spec: {
      replicas: null,
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: '25%' } },
      template: {
        spec: { containers: [{ resources: { limits: { cpu: 2, memory: '1Gi' } } }] },
      },
    },
  };
  assert.equal(answer('Deployment', deployment), '');
});

test('validateShape() refuses a Secret whose data is not base64', () => {
  assert.equal(
    answer('Secret', { data: { password: 'pass word' } }),
    'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 4',
  );
});
