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

test('kube-inject follows the mesh configuration, ProxyConfig objects and the files that take their place', async () => {
  const api = new FakeApi({ controller: readyAtOnce });
  const pod = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: one\nspec:\n  containers: []\n';
  const files = {
    '-': pod,
    'mesh.yaml': 'defaultConfig:\n  concurrency: 3\n',
    'values.json': '{"global":{"tag":"1.29.0"}}',
    'inject.yaml': 'policy: enabled\n',
  };
  await runIstioctl(
    ['install', '-y', '--set', 'meshConfig.defaultConfig.holdApplicationUntilProxyStarts=true'],
    { api },
  );
  api.put('/apis/networking.istio.io/v1beta1/namespaces/default/proxyconfigs/all', {
    metadata: { name: 'all', namespace: 'default' },
    spec: { environmentVariables: { FROM: 'proxyconfig' } },
  });
  const proxyOf = async (...args: readonly string[]) => {
    const ran = await runIstioctl(['kube-inject', '-f', '-', ...args], { api, files });
    const proxy = /image: (\S+proxyv2\S+)/.exec(ran.stdout)?.[1];
    const config = /\{"[^\n]*\}(?=\n *- name: ISTIO_META_POD_PORTS)/.exec(ran.stdout)?.[0];
    return { proxy, config };
  };
  assert.deepEqual(
    [
      await proxyOf(),
      await proxyOf(
        '--meshConfigFile=mesh.yaml',
        '--valuesFile=values.json',
        '--injectConfigFile=inject.yaml',
      ),
    ],
    [
      {
        proxy: 'registry.istio.io/release/proxyv2:1.30.3',
        config: '{"holdApplicationUntilProxyStarts":true,"proxyMetadata":{"FROM":"proxyconfig"}}',
      },
      { proxy: 'registry.istio.io/release/proxyv2:1.29.0', config: '{"concurrency":3}' },
    ],
  );
});

test('kube-inject writes to a file, and says whom it has passed over', async () => {
  const api = new FakeApi({ controller: readyAtOnce });
  await runIstioctl(['install', '-y'], { api });
  const text = `apiVersion: v1
kind: Pod
metadata:
  name: host
  namespace: a
spec:
  hostNetwork: true
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: off
spec:
  template:
    metadata:
      labels:
        sidecar.istio.io/inject: "false"
`;
  const ran = await runIstioctl(['kube-inject', '-f', 'in.yaml', '-o', 'out.yaml'], {
    api,
    files: { 'in.yaml': text },
  });
  assert.deepEqual(ran, {
    status: 0,
    stdout: '',
    stderr: `
===> Skipping injection because Pod "a/host" has host networking enabled

===> Skipping injection because StatefulSet "off" has sidecar injection disabled

`,
    files: { 'out.yaml': `${text}---\n` },
  });
});

test('kube-inject says what is missing when there is no Istio, and no file', async () => {
  const ran = await runIstioctl(['kube-inject', '-f', '-'], {
    api: new FakeApi(),
    files: { '-': CURL },
  });
  assert.deepEqual(ran, {
    status: 1,
    stdout: '',
    stderr:
      'Error: could not read valid configmap "istio" from namespace "istio-system": configmaps "istio" not found - Use --meshConfigFile or re-run kube-inject with `-i <istioSystemNamespace> and ensure valid MeshConfig exists\n',
  });
  assert.deepEqual(await runIstioctl(['kube-inject']), {
    status: 1,
    stdout: '',
    stderr: 'Error: 1 error occurred:\n\t* filename not specified (see --filename or -f)\n\n\n',
  });
});
