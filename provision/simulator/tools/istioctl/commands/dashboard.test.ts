import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeApi } from '../testing/fake-api.ts';
import { runIstioctl } from '../testing/run-istioctl.ts';

function podIn(api: FakeApi, name: string, labels: Readonly<Record<string, string>>): void {
  api.put(`/api/v1/namespaces/istio-system/pods/${name}`, {
    metadata: { name, namespace: 'istio-system', labels },
    status: { phase: 'Running' },
  });
}

test('istioctl dashboard forwards to the add-on that is asked for, on its own port', async () => {
  const addons = [
    ['grafana', { 'app.kubernetes.io/name': 'grafana' }, '3000', ''],
    ['jaeger', { app: 'jaeger' }, '16686', ''],
    ['kiali', { app: 'kiali' }, '20001', '/kiali'],
    ['prometheus', { 'app.kubernetes.io/name': 'prometheus' }, '9090', ''],
    ['skywalking', { app: 'skywalking-ui' }, '8080', ''],
    ['zipkin', { app: 'zipkin' }, '9411', ''],
  ] as const;
  for (const [name, labels, port, path] of addons) {
    const api = new FakeApi();
    const [[label, value] = []] = Object.entries(labels);
    const missing = await runIstioctl(['dashboard', name], { api });
    assert.equal(missing.stderr, `Error: no pods found with selector ${label}=${value}\n`);
    podIn(api, `${name}-1`, labels);
    podIn(api, `${name}-2`, labels);
    const ran = await runIstioctl(['dash', name, '--browser=false'], { api });
    assert.equal(
      ran.stdout,
      `http://localhost:${port}${path}\nskipping opening a browser\nkubectl port-forward --namespace=istio-system --address=localhost pod/${name}-1 ${port}:${port}\n`,
    );
  }
});

test('istioctl dashboard takes another local port when its own is taken, unless one is asked for', async () => {
  const api = new FakeApi();
  podIn(api, 'kiali-1', { app: 'kiali' });
  const urls = await Promise.all(
    [[], ['--port', '20001'], ['--ui-port', '80']].map(async (flags) => {
      const ran = await runIstioctl(['d', 'kiali', ...flags], { api, takenPorts: [20_001] });
      return [ran.stdout.split('\n')[0], ran.stdout.trim().split(' ').at(-1)];
    }),
  );
  assert.deepEqual(urls, [
    ['http://localhost:40000/kiali', '40000:20001'],
    ['http://localhost:20001/kiali', '20001:20001'],
    ['http://localhost:80/kiali', '80:80'],
  ]);
});

test('istioctl dashboard finds proxies and istiods by name, label or revision, and asks for one of them', async () => {
  const api = new FakeApi();
  podIn(api, 'istiod-1', { app: 'istiod', 'istio.io/rev': 'canary' });
  const last = async (...args: readonly string[]) => {
    const ran = await runIstioctl(['dashboard', ...args], { api });
    return (ran.stdout + ran.stderr).trim().split('\n').at(-1);
  };
  const forward = 'kubectl port-forward --namespace=istio-system --address=localhost pod/istiod-1';
  assert.deepEqual(
    [
      await last('istiod-debug', '--revision', 'canary'),
      await last('controlz', 'istiod-1.istio-system'),
      await last('controlz', '-l', 'app=istiod', '--ctrlz_port', '9000'),
      await last('proxy', 'istiod-1.istio-system'),
      await last('istiod-debug'),
      await last('controlz', 'istiod-1', '--revision', 'canary'),
      await last('istiod-debug', '--revision', 'gone'),
      await last('envoy'),
      await last('proxy', 'a', '-l', 'b=c'),
      await last('nothing'),
    ],
    [
      `${forward} 15014:15014`,
      `${forward} 9876:9876`,
      `${forward} 9000:9000`,
      `${forward} 15000:15000`,
      'Error: specify a pod, --selector, or --revision',
      'Error: only one of name, --selector, or --revision can be specified',
      'Error: no pods found',
      'Error: specify a pod or --selector',
      'Error: name cannot be provided when a selector is specified',
      'Error: unknown dashboard "nothing"',
    ],
  );
});
