import { measureMesh, measureRouting } from '../../provision/simulator/mesh/bench.ts';
import type { Row } from './row.ts';

/** A change of a route is in force for requests within this. */
const CHANGE_LIMIT_MS = 100;

/** Product pages through the gateway and the sidecars, in one process; and what routing costs with many rules. */
export async function measureMeshRows(): Promise<readonly Row[]> {
  const { pagesPerSecond, pageMs, hopUs } = await measureMesh();
  return [
    {
      id: 'mesh-rate',
      what: 'product pages through gateway and proxies',
      unit: 'req/s',
      value: pagesPerSecond,
      goal: { atLeast: 1_500 },
    },
    { id: 'mesh-page', what: 'one product page alone p50', unit: 'ms', value: pageMs },
    {
      id: 'mesh-hop',
      what: 'one proxy on the way of a request p50',
      unit: 'µs',
      value: hopUs,
      goal: { atMost: 100 },
    },
    ...(await routingRows()),
  ];
}

async function routingRows(): Promise<readonly Row[]> {
  const measured = await measureRouting();
  return measured.flatMap(({ virtualServices: count, sidecarUs, gatewayUs, changeMs }): Row[] => [
    row(`mesh-route-${count}`, `find a route of ${count} VirtualServices, sidecar`, sidecarUs),
    row(`mesh-gateway-route-${count}`, '… gateway, all of one host', gatewayUs),
    {
      id: `mesh-change-${count}`,
      what: '… a change until both have its route',
      unit: 'ms',
      value: changeMs,
      goal: { atMost: CHANGE_LIMIT_MS },
    },
  ]);
}

function row(id: string, what: string, value: number): Row {
  return { id, what, unit: 'µs', value };
}
