import { once } from 'node:events';
import { createServer } from 'node:net';

import type { SimulatedCluster } from '../../../provision/simulator/index.ts';
import { type ApiLine, openApiLine } from './api-line.ts';

/** Makes a cluster of this process answer on a free port. */
export async function openLocalLine(cluster: SimulatedCluster): Promise<ApiLine & AsyncDisposable> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  cluster.serve({ ip: '172.30.1.2', port: 6443 }, server);
  const line = await openApiLine(cluster.kubeconfig(`https://127.0.0.1:${port}`));
  return {
    ...line,
    async [Symbol.asyncDispose]() {
      line[Symbol.dispose]();
      server.close();
      await once(server, 'close');
    },
  };
}
