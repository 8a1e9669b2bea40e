import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { parseAllDocuments } from 'yaml';

import { isObject, listAt } from '../../../../kinds/json.ts';
import { textAt } from '../../../install/tree.ts';
import { FakeApi, readyAtOnce } from '../../testing/fake-api.ts';
import { runIstioctl } from '../../testing/run-istioctl.ts';

const SAMPLES = fileURLToPath(new URL('../../../samples/istio-1.30.3/samples/', import.meta.url));
const CURL = readFileSync(`${SAMPLES}curl/curl.yaml`, 'utf8');

test('kube-inject gives the pods of a sample a sidecar of the installation in the cluster', async () => {
  const api = new FakeApi({ controller: readyAtOnce });
  await runIstioctl(['install', '-y', '--set', 'tag=1.30.2'], { api });
  const ran = await runIstioctl(['kube-inject', '-f', '-'], { api, files: { '-': CURL } });
  assert.equal(ran.stderr, '');
  const [account, service, deployment] = parseAllDocuments(ran.stdout).map((document) => {
    const value: unknown = document.toJS();
    return isObject(value) ? value : {};
  });
  assert.deepEqual(
    [account, service].map((object) => textAt(object, 'kind')),
    ['ServiceAccount', 'Service'],
  );
  const spec = ['spec', 'template', 'spec'];
  const described = (list: string) =>
    listAt(deployment, ...spec, list).map(
      (container) => `${textAt(container, 'name')} ${textAt(container, 'image')}`,
    );
  assert.deepEqual(
    { init: described('initContainers'), containers: described('containers') },
    {
      init: [
        'istio-init registry.istio.io/release/proxyv2:1.30.2',
        'istio-proxy registry.istio.io/release/proxyv2:1.30.2',
      ],
      containers: ['curl curlimages/curl:8.16.0'],
    },
  );
  const again = await runIstioctl(['kube-inject', '-f', '-'], { api, files: { '-': ran.stdout } });
  assert.equal(again.stdout, ran.stdout, 'what is injected already is left alone');
});

test('kube-inject says what is missing when there is no injector', async () => {
  const ran = await runIstioctl(['kube-inject', '-f', '-'], {
    api: new FakeApi(),
    files: { '-': CURL },
  });
  assert.deepEqual(ran, {
    status: 1,
    stdout: '',
    stderr:
      'Error: could not read valid configmap "istio-sidecar-injector" from namespace "istio-system": configmaps "istio-sidecar-injector" not found - Use --valuesFile or re-run kube-inject with \'-i <istioSystemNamespace>\' and ensure istio-sidecar-injector is installed\n',
  });
});
