import { measureApi } from './api.ts';
import { measureBookinfo } from './bookinfo.ts';
import { measureCheck } from './check.ts';
import { measureCluster } from './cluster.ts';
import { measureCrowd } from './crowd.ts';
import { measureKubectl } from './kubectl.ts';
import { measureMemory } from './memory.ts';
import { measureMeshRows } from './mesh.ts';
import type { Benchmark } from './row.ts';
import { measureSession } from './session.ts';
import { measureStart } from './start.ts';
import { measureTerminal } from './terminal/echo.ts';

/** Everything that is measured, in the order of the table. */
export const BENCHMARKS: readonly Benchmark[] = [
  { names: ['start'], run: measureStart },
  { names: ['cluster'], run: measureCluster },
  { names: ['session'], run: measureSession },
  { names: ['memory'], run: measureMemory },
  { names: ['echo', 'interrupt'], run: measureTerminal },
  { names: ['api'], run: measureApi },
  { names: ['kubectl'], run: measureKubectl },
  { names: ['bookinfo'], run: measureBookinfo },
  { names: ['mesh'], run: measureMeshRows },
  { names: ['check'], run: measureCheck },
  { names: ['crowd'], run: measureCrowd },
];
