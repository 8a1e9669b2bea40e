import { createServer } from 'node:http';

import { spawn } from 'node-pty';
import { Server } from 'socket.io';

/** What a terminal over socket.io is without any care: a message for each read of the pty, and no flow control. */
const http = createServer();
const server = new Server(http, { transports: ['websocket'], serveClient: false });

server.on('connection', (socket) => {
  const pty = spawn('/bin/bash', ['--norc', '-i'], {
    name: 'xterm-256color',
    cols: 80,
    rows: 24,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', PS1: '$ ' },
  });
  pty.onData((data) => socket.emit('output', data));
  socket.on('input', (data: string) => pty.write(data));
  socket.on('disconnect', () => pty.kill('SIGKILL'));
});

http.listen(0, '127.0.0.1', () => {
  const address = http.address();
  process.send?.({ port: typeof address === 'object' && address ? address.port : 0 });
});
process.once('disconnect', () => process.exit());
