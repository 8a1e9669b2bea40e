import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HttpHeaders } from '../../../net/http.ts';
import { httpServer, startSmallMesh } from '../../testbed/small-mesh.ts';
import { exposeStatistics } from '../telemetry/envoy-prometheus.ts';

async function startMesh() {
  const headers = new HttpHeaders();
  const mesh = await startSmallMesh([
    httpServer('web', async () => ({ status: 200, headers, body: new Uint8Array() })),
  ]);
  const read = async (pod: string, query: string) => {
    const url = `http://localhost:15000/stats${query}`;
    const { body } = await mesh.testbed.get(mesh.network(pod), url);
    return Buffer.from(body).toString();
  };
  return { mesh, read };
}

test('Statistics are what Istio keeps and the pod asks for: by name, filtered, used ones alone, as JSON', async () => {
  const { mesh, read } = await startMesh();
  using _ = mesh.testbed;
  await mesh.put({
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name: 'all', namespace: 'default' },
    spec: { action: 'DENY', rules: [{ to: [{ operation: { paths: ['/no'] } }] }] },
  });
  await mesh.get('http://web/yes');
  await mesh.get('http://web/no');
  assert.deepEqual(
    [
      await read('web', '?filter=rbac'),
      await read('client', '?filter=upstream_rq_(200|403|4xx)$'),
      await read('client', '?filter=server.live&format=json'),
      await read('client', '?filter=cds.version&type=TextReadouts'),
      await read('client', '?filter=cds.update_&usedonly'),
      await read('client', '?filter=http.outbound'),
      await read('client', '?filter=('),
    ],
    [
      'http.inbound_0.0.0.0_8080;.rbac.allowed: 1\nhttp.inbound_0.0.0.0_8080;.rbac.denied: 1\n',
      'cluster.outbound|80||web.default.svc.cluster.local;.upstream_rq_200: 1\ncluster.outbound|80||web.default.svc.cluster.local;.upstream_rq_403: 1\ncluster.outbound|80||web.default.svc.cluster.local;.upstream_rq_4xx: 1\n',
      '{"stats":[{"name":"server.live","value":1}]}',
      'cluster_manager.cds.version_text: "3"\n',
      'cluster_manager.cds.update_attempt: 4\ncluster_manager.cds.update_success: 3\n',
      '',
      'Invalid re2 regex: (\n',
    ],
  );
});

test("Envoy's statistics become families of Prometheus, with cluster, listener and code as labels", () => {
  const statistics = [
    'cluster.outbound|80|v1|web.default.svc.cluster.local;.upstream_rq_503',
    'cluster.outbound|80|v1|web.default.svc.cluster.local;.upstream_rq_5xx',
    'cluster.xds-grpc.upstream_rq_total',
    'http.inbound_0.0.0.0_8080;.rbac.allowed',
  ].map((name) => ({ name, value: 1, type: 'counter' as const }));
  assert.equal(
    exposeStatistics(statistics, 'counter'),
    [
      '# TYPE envoy_cluster_upstream_rq counter',
      'envoy_cluster_upstream_rq{response_code="503",cluster_name="outbound|80|v1|web.default.svc.cluster.local"} 1',
      '# TYPE envoy_cluster_upstream_rq_total counter',
      'envoy_cluster_upstream_rq_total{cluster_name="xds-grpc"} 1',
      '# TYPE envoy_cluster_upstream_rq_xx counter',
      'envoy_cluster_upstream_rq_xx{response_code_class="5",cluster_name="outbound|80|v1|web.default.svc.cluster.local"} 1',
      '# TYPE envoy_http_rbac_allowed counter',
      'envoy_http_rbac_allowed{http_conn_manager_prefix="inbound_0.0.0.0_8080"} 1',
      '',
    ].join('\n'),
  );
});
