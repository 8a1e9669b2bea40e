import { once } from 'node:events';
import { createServer } from 'node:net';

/** wetty with the shell of the others, from where it is installed: `wetty-server.ts MODULE`. */
const wetty: unknown = await import(process.argv[2] ?? '');
if (!isWetty(wetty)) throw new Error('This is not the wetty that the benchmark knows');
wetty.getLogger().level = 'error';
const port = await freePort();
const place = { base: '/', host: '127.0.0.1', port, title: '', allowIframe: false, socket: false };
await wetty.start(undefined, place, '/bin/bash --norc -i');
process.send?.({ port });
process.once('disconnect', () => process.exit());

interface Wetty {
  getLogger(): { level: string };
  start(ssh: undefined, server: object, command: string): Promise<unknown>;
}

function isWetty(module: unknown): module is Wetty {
  return (
    typeof module === 'object' && module !== null && 'start' in module && 'getLogger' in module
  );
}

/** wetty is told its port; it does not tell one. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
