import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { parseAllDocuments } from 'yaml';

import { gatewayApiCrds } from '../kinds/istio/gateway-api.ts';
import { asKubeObject, isObject, stringAt } from '../kinds/json.ts';
import { ANNOTATIONS_LIMIT_BYTES } from '../kinds/limits.ts';
import type { KubeObject } from '../kinds/object.ts';
import { builtinKinds } from '../kinds/registry.ts';
import { buildHome, GATEWAY_API_FILES } from './home.ts';

test("the Gateway API's standard manifest holds valid definitions that fit into kubectl apply's annotation", () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'regatta-home-'));
  try {
    buildHome(folder, gatewayApiCrds);
    const text = readFileSync(path.join(folder, GATEWAY_API_FILES.standard), 'utf8');
    const crds = parseAllDocuments(text).map((document): KubeObject => {
      const value: unknown = document.toJS();
      assert.ok(isObject(value));
      return asKubeObject(value);
    });
    assert.deepEqual(
      crds.map((crd) => stringAt(crd, 'spec', 'names', 'plural')),
      [
        'backendtlspolicies',
        'gatewayclasses',
        'gateways',
        'grpcroutes',
        'httproutes',
        'listenersets',
        'referencegrants',
        'tlsroutes',
      ],
    );
    const kind = builtinKinds().find((one) => one.kind === 'CustomResourceDefinition');
    assert.ok(kind);
    for (const crd of crds) {
      assert.deepEqual(kind.validate(kind.applyDefaults(crd), undefined), [], crd.metadata.name);
      assert.ok(JSON.stringify(crd).length < ANNOTATIONS_LIMIT_BYTES, crd.metadata.name);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
