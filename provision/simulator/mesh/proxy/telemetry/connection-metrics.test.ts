import assert from 'node:assert/strict';
import { test } from 'node:test';

import { configurationOf, service } from '../../testbed/push.ts';
import { ByteCount } from '../tcp/byte-count.ts';
import type { ConnectionRecord } from '../tcp/connection-record.ts';
import { ConnectionMetrics } from './connection-metrics.ts';
import { MetricSeries } from './metric-series.ts';

const CLIENT = {
  podName: 'client-1',
  namespace: 'default',
  workload: 'client',
  app: 'client',
  version: 'v1',
  serviceAccount: 'client',
};
const LABELS =
  'reporter="source",source_workload="client",source_canonical_service="client",source_canonical_revision="v1",source_workload_namespace="default",source_principal="unknown",source_app="client",source_version="v1",source_cluster="Kubernetes",destination_workload="unknown",destination_workload_namespace="unknown",destination_principal="unknown",destination_app="unknown",destination_version="unknown",destination_service="db.default.svc.cluster.local",destination_canonical_service="unknown",destination_canonical_revision="latest",destination_service_name="db",destination_service_namespace="default",destination_cluster="unknown",request_protocol="tcp",response_flags="-",connection_security_policy="unknown"';

test('Bytes of a connection are counted every five seconds and at its end, whoever looks', () => {
  const configuration = configurationOf(service('db', { tcp: 5432 }, { pods: ['10.244.0.9'] }));
  const cluster = configuration.cluster('outbound|5432||db.default.svc.cluster.local');
  const record: ConnectionRecord = {
    direction: 'OUTBOUND',
    startMs: 0,
    peer: { ip: '10.244.0.1', port: 40_000 },
    destination: { ip: '10.96.1.1', port: 5432 },
    serverName: undefined,
    clusterName: cluster?.name ?? '-',
    cluster,
    endpoint: undefined,
    isMutualTls: false,
    received: new ByteCount(0),
    sent: new ByteCount(0),
    flags: '-',
    details: '-',
    transportFailure: '-',
    endMs: undefined,
  };
  const metrics = new MetricSeries();
  const connections = new ConnectionMetrics(metrics, CLIENT);
  const shown = (nowMs: number) => {
    connections.update(nowMs);
    const values = [
      ...metrics.exposeCounters().matchAll(/^istio_tcp_(\w+?)_total\{(.*)\} (\d+)$/gm),
    ];
    assert.ok(values.every(([, , labels]) => labels === LABELS));
    return values.map(([, name, , value]) => `${name} ${value}`);
  };
  connections.opened(record, configuration);
  record.received.add(5, 1_000);
  record.sent.add(7, 1_000);
  const closed = 'connections_closed';
  const opened = 'connections_opened';
  assert.deepEqual(shown(1_000), [
    `${closed} 0`,
    `${opened} 1`,
    'received_bytes 0',
    'sent_bytes 0',
  ]);
  assert.deepEqual(shown(5_000), [
    `${closed} 0`,
    `${opened} 1`,
    'received_bytes 5',
    'sent_bytes 7',
  ]);
  record.sent.add(1, 6_000);
  connections.ended(record, configuration);
  assert.deepEqual(shown(6_000), [
    `${closed} 1`,
    `${opened} 1`,
    'received_bytes 5',
    'sent_bytes 8',
  ]);
});
