import { createServer } from 'node:http';

import { Server } from 'socket.io';

import { type ClientEvents, type ServerEvents, wire } from '#protocol';

import { createLog } from '../../../server/log.ts';
import { PtyProcess } from '../../../server/sandbox/pty-process.ts';
import { MESSAGE_BYTES } from '../../../server/terminal/limits.ts';
import { bindTerminals } from '../../../server/terminal/socket.ts';
import { Terminal } from '../../../server/terminal/terminal.ts';

/** Our terminals alone: the same bash as the naive server's, without a sandbox, sessions or sign-in. */
const http = createServer();
const server = new Server<ClientEvents, ServerEvents>(http, {
  transports: ['websocket'],
  parser: wire,
  serveClient: false,
  perMessageDeflate: false,
  httpCompression: false,
  maxHttpBufferSize: MESSAGE_BYTES,
});

server.on('connection', (socket) => {
  const terminals = new Map<string, Terminal>();
  bindTerminals(socket, {
    open: async (size) => {
      const env = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', PS1: '$ ' };
      const args = ['--norc', '-i'];
      const program = new PtyProcess({ file: '/bin/bash', args, env, cwd: '/', size });
      const terminal = new Terminal(program, size);
      terminals.set('1', terminal);
      return { id: '1', title: '1', token: terminal.token };
    },
    find: (id) => terminals.get(id),
    touch: () => undefined,
    close: async (id) => terminals.get(id)?.[Symbol.asyncDispose](),
    log: createLog('silent'),
  });
  socket.on('disconnect', () => {
    for (const terminal of terminals.values()) void terminal[Symbol.asyncDispose]();
  });
});

http.listen(0, '127.0.0.1', () => {
  const address = http.address();
  process.send?.({ port: typeof address === 'object' && address ? address.port : 0 });
});
process.once('disconnect', () => process.exit());
