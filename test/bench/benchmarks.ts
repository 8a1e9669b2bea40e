import { measureApi } from './api.ts';
import { measureBookinfo } from './bookinfo.ts';
import { measureCapacity } from './capacity.ts';
import { measureCheck } from './check.ts';
import { measureCluster } from './cluster.ts';
import { measureCrowd } from './crowd.ts';
import { measureKubectl } from './kubectl.ts';
import { measureMemory } from './memory.ts';
import { measureMeshRows } from './mesh.ts';
import type { Benchmark } from './row.ts';
import { measureSession } from './session.ts';
import { measureSnapshot } from './snapshot.ts';
import { measureStart } from './start.ts';
import { measureInterrupt, measurePaste, measureThroughput } from './terminal/bulk.ts';
import { measureEcho, measurePrompt } from './terminal/echo.ts';
import { measureDeaf, measureStall, measureTerminals } from './terminal/load.ts';
import { measureWatch } from './watch.ts';

/** Everything that is measured, in the order of the table. */
export const BENCHMARKS: readonly Benchmark[] = [
  { names: ['start'], run: measureStart },
  { names: ['cluster'], run: measureCluster },
  { names: ['session'], run: measureSession },
  { names: ['memory'], run: measureMemory },
  { names: ['prompt'], run: measurePrompt },
  { names: ['echo'], run: measureEcho },
  { names: ['throughput'], run: measureThroughput },
  { names: ['paste'], run: measurePaste },
  { names: ['interrupt'], run: measureInterrupt },
  { names: ['stall'], run: measureStall },
  { names: ['deaf'], run: measureDeaf },
  { names: ['terminals'], run: measureTerminals },
  { names: ['api'], run: measureApi },
  { names: ['watch'], run: measureWatch },
  { names: ['snapshot'], run: measureSnapshot },
  { names: ['capacity'], run: measureCapacity },
  { names: ['kubectl'], run: measureKubectl },
  { names: ['bookinfo'], run: measureBookinfo },
  { names: ['mesh'], run: measureMeshRows },
  { names: ['check'], run: measureCheck },
  { names: ['crowd'], run: measureCrowd },
];
