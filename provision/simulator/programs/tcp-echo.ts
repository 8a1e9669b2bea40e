import type { Duplex } from 'node:stream';

import { idle } from './idle.ts';
import { repositoryOf } from './images.ts';
import type { ContainerContext, Program, RunningProgram } from './program.ts';
import { listenTcp } from './tcp-server.ts';

/** Longest line that is answered, in bytes; a longer one ends the connection. */
const LINE_LIMIT_BYTES = 64 * 1024;
/** Ports of one server. */
const PORTS_LIMIT = 20;

const USAGE =
  "you should run it like: 'main [PORTS...] prefix' , please notice PORTS are comma-delineated , like  port 1[,port 2]  ";

/** Istio's tcp-echo-server: answers each line with its prefix before it; its arguments are ports and the prefix. */
export const tcpEcho: Program = {
  images: ['istio/tcp-echo-server'],
  matches: (image) => repositoryOf(image).split('/').at(-1) === 'tcp-echo-server',
  hasShell: false,
  start(context) {
    const { args = [], command = [] } = context.container;
    const [ports, prefix, ...more] = [...command.slice(1), ...args];
    if (ports === undefined || prefix === undefined || more.length > 0) {
      return fails(context, USAGE);
    }
    using stack = new DisposableStack();
    for (const port of ports.split(',', PORTS_LIMIT)) {
      stack.use(listen(context, Number(port), prefix));
    }
    return idle(stack.move());
  },
};

function fails({ log }: ContainerContext, line: string): RunningProgram {
  log(line);
  return { exited: Promise.resolve(1), stop: () => undefined };
}

function listen({ network, log }: ContainerContext, port: number, prefix: string): Disposable {
  const listening = listenTcp(network, port, (connection) => echo(connection, prefix, log));
  log(`listening on [::]:${port}, prefix: ${prefix}`);
  return listening;
}

function echo(connection: Duplex, prefix: string, log: (line: string) => void): void {
  let rest = '';
  connection.on('data', (bytes: Buffer) => {
    rest += bytes.toString('latin1');
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      const line = Buffer.from(rest.slice(0, end), 'latin1').toString();
      rest = rest.slice(end + 1);
      log(`request: ${line}`);
      log(`response: ${prefix} ${line}`);
      connection.write(`${prefix} ${line}\n`);
    }
    if (rest.length > LINE_LIMIT_BYTES) connection.destroy();
  });
  // A line without an end gets no answer, as in the original.
  connection.on('end', () => connection.end());
}
