import { HttpHeaders } from '../net/http.ts';
import { idle } from './idle.ts';
import { repositoryOf } from './images.ts';
import type { Program } from './program.ts';

/** metrics-server: what it says of itself. What it has measured is answered by the API server in its place. */
export const metricsServer: Program = {
  matches: (image) => repositoryOf(image) === 'metrics-server/metrics-server',
  hasShell: false,
  start({ network, container, log }) {
    const port = Number(/--secure-port=(\d+)/.exec((container.args ?? []).join(' '))?.[1] ?? 4443);
    const listening = network.listen(port, {
      type: 'http',
      handle: async ({ path }) => {
        const isKnown = /^\/(livez|readyz|healthz)(\?|$)/.test(path);
        return {
          status: isKnown ? 200 : 403,
          headers: new HttpHeaders([['content-type', 'text/plain; charset=utf-8']]),
          body: Buffer.from(isKnown ? 'ok' : 'Forbidden'),
        };
      },
    });
    log(`Serving securely on [::]:${port} (simulated by Regatta)`);
    return idle(listening);
  },
};
