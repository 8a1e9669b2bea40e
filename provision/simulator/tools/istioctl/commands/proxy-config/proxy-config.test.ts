import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CLUSTERS, DUMP } from '../../testing/envoy-dump.ts';
import { FakeApi } from '../../testing/fake-api.ts';
import { runIstioctl } from '../../testing/run-istioctl.ts';

async function shown(...args: readonly string[]): Promise<readonly string[]> {
  const files = { 'dump.json': DUMP, 'clusters.json': CLUSTERS };
  const { stdout, stderr } = await runIstioctl(['proxy-config', ...args], { files });
  return [...stdout.split('\n').slice(0, -1), ...(stderr === '' ? [] : [stderr])];
}

test('proxy-config cluster lists clusters by host, subset and port', async () => {
  assert.deepEqual(await shown('cluster', '-f', 'dump.json'), [
    'SERVICE FQDN                          PORT     SUBSET     DIRECTION     TYPE             DESTINATION RULE',
    '                                      9080     -          inbound       ORIGINAL_DST     ',
    'prometheus_stats                      -        -          -             STATIC           ',
    'reviews.default.svc.cluster.local     9080     -          outbound      EDS              ',
    'reviews.default.svc.cluster.local     9080     v1         outbound      EDS              reviews.default',
  ]);
});

test('proxy-config listener shows each match and where it leads', async () => {
  assert.deepEqual(await shown('l', '-f', 'dump.json'), [
    'ADDRESSES PORT  MATCH                                                                   DESTINATION',
    '0.0.0.0   9080  Trans: raw_buffer; App: http/1.1,h2c                                    Route: 9080',
    '0.0.0.0   9080  ALL                                                                     PassthroughCluster',
    '0.0.0.0   15006 Trans: tls; App: istio,istio-peer-exchange,istio-http/1.0; Addr: *:9080 Cluster: inbound|9080||',
  ]);
  assert.deepEqual(await shown('l', '-f', 'dump.json', '--type=http+tcp', '--verbose=false'), [
    'ADDRESSES PORT TYPE',
    '0.0.0.0   9080 HTTP+TCP',
  ]);
});

test('proxy-config route shows hosts, matches and the virtual service behind them', async () => {
  assert.deepEqual(await shown('routes', '-f', 'dump.json', '--name', '9080'), [
    'NAME     VHOST NAME                                 DOMAINS                                  MATCH     VIRTUAL SERVICE',
    '9080     reviews.default.svc.cluster.local:9080     reviews, reviews.default + 1 more...     /*        reviews.default',
    '9080     empty                                      *                                        /*        404',
  ]);
  assert.deepEqual(await shown('routes', '-f', 'dump.json', '--verbose=false'), [
    'NAME     VIRTUAL HOSTS',
    '9080     2',
  ]);
});

test('proxy-config endpoint tells healthy addresses from ejected ones', async () => {
  assert.deepEqual(await shown('ep', '-f', 'clusters.json', '--port', '9080'), [
    'ENDPOINT            STATUS      OUTLIER CHECK     CLUSTER',
    '10.244.1.8:9080     HEALTHY     FAILED            outbound|9080||reviews.default.svc.cluster.local',
    '10.244.1.9:9080     HEALTHY     OK                outbound|9080||reviews.default.svc.cluster.local',
  ]);
});

test('proxy-config prints protobuf JSON: fields in camel case, data as it is', async () => {
  const args = ['proxy-config', 'route', '-f', 'dump.json', '-o', 'json'];
  const { stdout } = await runIstioctl(args, { files: { 'dump.json': DUMP } });
  const path = '/apis/networking.istio.io/v1/namespaces/default/virtual-service/reviews';
  assert.deepEqual(JSON.parse(stdout), [
    {
      name: '9080',
      virtualHosts: [
        {
          name: 'reviews.default.svc.cluster.local:9080',
          domains: [
            'reviews.default.svc.cluster.local',
            'reviews',
            'reviews.default',
            'reviews.default.svc',
            '10.96.0.5',
          ],
          routes: [
            { match: { prefix: '/' }, metadata: { filterMetadata: { istio: { config: path } } } },
          ],
        },
        { name: 'empty', domains: ['*'] },
      ],
    },
  ]);
  assert.ok(stdout.startsWith('[\n    {\n        "name": "9080"'));
});

test('proxy-config wants a pod or a file, and shows its usage to who gives neither or both', async () => {
  const { status, stdout, stderr } = await runIstioctl(['proxy-config', 'routes']);
  assert.equal(status, 1);
  assert.equal(stdout, '');
  assert.match(
    stderr,
    /^Usage:\n {2}istioctl proxy-config route \[<type>\/]<name>\[\.<namespace>] \[flags]\n\nAliases:\n {2}route, routes, r\n[\s\S]*\n\nError: route requires pod name or --file parameter\n$/,
  );
  assert.deepEqual(await shown('routes', '-f', 'dump.json', '-o', 'xml'), [
    'Error: output format "xml" not supported\n',
  ]);
  assert.deepEqual(await shown('routes', '-f', 'none.json'), [
    'Error: open none.json: no such file or directory\n',
  ]);
});

test('proxy-config asks the admin page of the proxy in the pod, and tells what went wrong there', async () => {
  const api = new FakeApi();
  api.put('/api/v1/namespaces/shop/pods/web', { metadata: { name: 'web', namespace: 'shop' } });
  const asked: string[] = [];
  const kubectl = (args: readonly string[]) => {
    asked.push(args.join(' '));
    return {
      status: 1,
      stdout: '',
      stderr: 'error: container istio-proxy is not valid for pod web\n',
    };
  };
  const ran = await runIstioctl(['pc', 'c', 'web.shop'], { api, kubectl });
  assert.deepEqual(asked, [
    'exec --namespace=shop web --container=istio-proxy -- pilot-agent request GET config_dump',
  ]);
  assert.deepEqual(ran, {
    status: 1,
    stdout: '',
    stderr:
      'Error: failed to execute command on web.shop sidecar: container istio-proxy is not valid for pod web\n',
  });
  assert.equal(
    (await runIstioctl(['pc', 'c', 'gone'], { api })).stderr,
    'Error: pods "gone" not found\n',
  );
});

test('proxy-config takes the first running pod of a workload or a Service', async () => {
  const api = new FakeApi();
  const put = (name: string, phase: string) =>
    api.put(`/api/v1/namespaces/default/pods/${name}`, {
      metadata: { name, labels: { app: 'web' } },
      status: { phase },
    });
  put('web-1', 'Pending');
  put('web-2', 'Running');
  api.put('/api/v1/namespaces/default/services/web', { spec: { selector: { app: 'web' } } });
  api.put('/api/v1/namespaces/default/services/none', { spec: {} });
  api.put('/apis/apps/v1/namespaces/default/deployments/web', {
    spec: { selector: { matchLabels: { app: 'web' } } },
  });
  const tried = async (argument: string) =>
    (await runIstioctl(['pc', 'c', argument], { api, kubectl: refusal })).stderr;
  const asked = 'Error: failed to execute command on web-2.default sidecar: web-2\n';
  assert.deepEqual(
    [
      await tried('svc/web'),
      await tried('deploy/web.default'),
      await tried('svc/none'),
      await tried('svc/gone'),
      await tried('ds/web'),
      await tried('job/web'),
    ],
    [
      asked,
      asked,
      'Error: no pods found for services/none\n',
      'Error: services "gone" not found\n',
      'Error: daemonsets.apps "web" not found\n',
      'Error: the server doesn\'t have a resource type "job"\n',
    ],
  );
});

function refusal(args: readonly string[]) {
  return { status: 1, stdout: '', stderr: args[2] ?? '' };
}

test('proxy-config log changes all loggers or some, and knows levels from mistakes', async () => {
  const api = new FakeApi();
  api.put('/api/v1/namespaces/default/pods/web', { metadata: { name: 'web' } });
  const asked: string[] = [];
  const kubectl = (args: readonly string[]) => {
    asked.push(args.at(-1) ?? '');
    return { status: 0, stdout: 'active loggers:\n  http: warning\n  rbac: warning\n', stderr: '' };
  };
  const run = (...args: readonly string[]) =>
    runIstioctl(['pc', 'log', 'web', ...args], { api, kubectl });
  assert.equal(
    (await run('--level', 'rbac:debug,http:info')).stdout,
    'web.default:\nactive loggers:\n  http: warning\n  rbac: warning\n',
  );
  await run('-r');
  assert.deepEqual(asked, [
    'logging',
    'logging?rbac=debug',
    'logging?http=info',
    'logging',
    'logging?level=warning',
  ]);
  const refused = [
    await run('--level', 'loud'),
    await run('--level', 'jwtt:debug'),
    await run('-o', 'json'),
  ];
  assert.deepEqual(
    refused.map(({ stderr }) => stderr),
    [
      'Error: unrecognized logging level: loud\n',
      'Error: unrecognized logger name: jwtt\n',
      'Error: --output is not applicable for this command\n',
    ],
  );
});
