import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { kindsOfCrd } from '../crd/kinds.ts';
import { istioCrds } from '../istio/crds.ts';
import { asJson, asKubeObject, at, isObject, listAt, objectAt, stringAt } from '../json.ts';
import { builtinKinds } from '../registry.ts';
import { openApiDocument, openApiIndex, openApiV2Document } from './documents.ts';

const kinds = builtinKinds();

function documentOf(path: string): unknown {
  const document = openApiDocument(kinds, path);
  assert.ok(document);
  return JSON.parse(gunzipSync(document.gzipped).toString('utf8'));
}

test('the index links every group version to its document by hash', () => {
  const paths = objectAt(openApiIndex(kinds), 'paths');
  const document = openApiDocument(kinds, 'apis/apps/v1');
  assert.equal(Object.keys(paths).length, 22);
  assert.deepEqual(paths['apis/apps/v1'], {
    serverRelativeURL: `/openapi/v3/apis/apps/v1?hash=${document?.hash}`,
  });
  assert.equal(openApiDocument(kinds, 'apis/none/v1'), undefined);
});

test('write operations name their kind and the parameters that kubectl looks for', () => {
  const path = '/apis/apps/v1/namespaces/{namespace}/deployments/{name}';
  const patch = objectAt(documentOf('apis/apps/v1'), 'paths', path, 'patch');
  assert.deepEqual(
    listAt(patch, 'parameters').map((parameter) => stringAt(parameter, 'name')),
    ['pretty', 'dryRun', 'fieldManager', 'fieldValidation', 'force'],
  );
  assert.deepEqual(patch['x-kubernetes-group-version-kind'], {
    group: 'apps',
    version: 'v1',
    kind: 'Deployment',
  });
});

test('schemas carry merge keys, list types and references as upstream writes them', () => {
  const schemas = objectAt(documentOf('apis/apps/v1'), 'components', 'schemas');
  const { description: _description, ...containers } = objectAt(
    schemas['io.k8s.api.core.v1.PodSpec'],
    'properties',
    'containers',
  );
  assert.deepEqual(containers, {
    type: 'array',
    items: { allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.Container' }] },
    'x-kubernetes-patch-merge-key': 'name',
    'x-kubernetes-patch-strategy': 'merge',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
  });
  assert.deepEqual(
    objectAt(schemas['io.k8s.api.apps.v1.Deployment'])['x-kubernetes-group-version-kind'],
    [{ group: 'apps', version: 'v1', kind: 'Deployment' }],
  );
});

test('every reference in every document leads somewhere', () => {
  for (const path of Object.keys(objectAt(openApiIndex(kinds), 'paths'))) {
    const document = documentOf(path);
    const schemas = objectAt(document, 'components', 'schemas');
    const names = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/([^"]+)"/g)];
    const lost = names.filter(([, name = '']) => !isObject(at(schemas, name)));
    assert.deepEqual(lost, [], path);
  }
});

test('version 2 describes built-in kinds and custom resources, each version under its own name', () => {
  const crds = istioCrds().map((crd) => asKubeObject(asJson(crd)));
  const all = [...kinds, ...crds.flatMap(kindsOfCrd)];
  const document: unknown = JSON.parse(
    gunzipSync(openApiV2Document(all, 'json').gzipped).toString('utf8'),
  );
  const definitions = objectAt(document, 'definitions');
  const { description: _description, ...targetPort } = objectAt(
    definitions['io.k8s.api.core.v1.ServicePort'],
    'properties',
    'targetPort',
  );
  assert.deepEqual(targetPort, {
    $ref: '#/definitions/io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  });
  assert.deepEqual(
    ['v1', 'v1alpha3', 'v1beta1'].map((version) =>
      at(
        definitions[`io.istio.networking.${version}.VirtualService`],
        'x-kubernetes-group-version-kind',
      ),
    ),
    ['v1', 'v1alpha3', 'v1beta1'].map((version) => [
      { group: 'networking.istio.io', kind: 'VirtualService', version },
    ]),
  );
  const names = [...JSON.stringify(document).matchAll(/#\/definitions\/([^"]+)"/g)];
  assert.deepEqual(
    names.filter(([, name = '']) => !isObject(definitions[name])),
    [],
  );
});
