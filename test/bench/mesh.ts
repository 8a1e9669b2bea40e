import { measureMesh } from '../../provision/simulator/mesh/bench.ts';
import type { Row } from './row.ts';

/** Product pages through the gateway and the sidecars, in one process. */
export async function measureMeshRows(): Promise<readonly Row[]> {
  const { pagesPerSecond, pageMs } = await measureMesh();
  return [
    {
      id: 'mesh-rate',
      what: 'product pages through gateway and proxies',
      unit: 'req/s',
      value: pagesPerSecond,
      goal: { atLeast: 1_500 },
    },
    { id: 'mesh-page', what: 'one product page alone p50', unit: 'ms', value: pageMs },
  ];
}
