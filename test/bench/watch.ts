import { setTimeout as pause } from 'node:timers/promises';

import { openApiLine } from './product/api-line.ts';
import { startHostedCluster } from './product/hosted-cluster.ts';
import { configMapOf, fillWithPods, NAMESPACE } from './product/objects.ts';
import { hostCpuMs } from './product/processes.ts';
import { percentile, type Row } from './row.ts';

const WATCHERS = 100;
const CHANGES = 200;
const WARM_UPS = 20;
/** Changes come one by one, as learners make them. */
const PAUSE_MS = 5;

/** From a write being sent to each of many watchers having the event, TLS included; all in processes of their own. */
export async function measureWatch(): Promise<readonly Row[]> {
  await using cluster = await startHostedCluster({ istio: 'none', hasBookinfo: false });
  const { line } = cluster;
  await fillWithPods(line, 0);
  const path = `${NAMESPACE}/configmaps`;
  await line.ask({ method: 'POST', path, body: configMapOf(0) });
  using watches = new DisposableStack();
  using watching = await openApiLine(cluster.kubeconfig, WATCHERS);
  const delays: number[] = [];
  let sentMs = 0;
  let isCounted = false;
  for (let index = 0; index < WATCHERS; index++) {
    watches.use(
      await watching.watch(`${path}?watch=true&resourceVersion=0`, () => {
        if (isCounted) delays.push(performance.now() - sentMs);
      }),
    );
  }
  let cpuMs = 0;
  for (let index = 0; index < CHANGES + WARM_UPS; index++) {
    if (index === WARM_UPS) {
      isCounted = true;
      cpuMs = await hostCpuMs();
    }
    sentMs = performance.now();
    const body = { data: { turn: String(index) } };
    const type = 'application/merge-patch+json';
    await line.ask({ method: 'PATCH', path: `${path}/settings-0`, body, type });
    await pause(PAUSE_MS);
  }
  const spentMs = (await hostCpuMs()) - cpuMs;
  return [
    row('watch-p50', `a change reaches ${WATCHERS} watchers p50`, percentile(delays, 0.5)),
    row('watch-p95', `a change reaches ${WATCHERS} watchers p95`, percentile(delays, 0.95)),
    row('watch-cpu', 'CPU of the host for a change and its 100 events', spentMs / CHANGES),
  ];
}

function row(id: string, what: string, value: number): Row {
  return { id, what, unit: 'ms', value };
}
