// Runs for some milliseconds inside a learner's user and network namespaces, with a channel to the server.
// Gets one message, [{ ip, port, protocol: 'udp' or none }, …]; binds each address exactly; hands each listening socket over; ends.
// Answers per entry: the entry with its socket, or the entry with `error` (a code such as EADDRINUSE).
import { spawnSync } from 'node:child_process';
import dgram from 'node:dgram';
import net from 'node:net';

function bind(entry) {
  return entry.protocol === 'udp' ? bindUdp(entry) : bindTcp(entry);
}

function bindUdp(entry) {
  return new Promise((done) => {
    const socket = dgram.createSocket('udp4');
    socket.once('error', (error) => process.send({ ...entry, error: error.code }, done));
    socket.bind({ address: entry.ip, port: entry.port, exclusive: true }, () => {
      process.send(entry, socket, () => socket.close(done));
    });
  });
}

// An address of a real cluster's gateway is in none of the ranges that belong to the box.
function claim({ ip }) {
  const script = 'PATH=/usr/sbin:/usr/bin:/sbin:/bin exec ip route add local "$1" dev lo';
  return spawnSync('/bin/sh', ['-c', script, 'sh', `${ip}/32`]).status === 0;
}

function bindTcp(entry) {
  return new Promise((done) => {
    const socket = net.createServer();
    socket.once('error', (error) => {
      if (error.code === 'EADDRNOTAVAIL' && claim(entry)) done(bindTcp(entry));
      else process.send({ ...entry, error: error.code }, done);
    });
    socket.listen({ host: entry.ip, port: entry.port, exclusive: true }, () => {
      process.send(entry, socket, () => socket.close(done));
    });
  });
}

async function bindAll(entries) {
  for (const entry of entries) await bind(entry);
  process.disconnect();
}

// `on`, not `once`: without a listener the channel no longer keeps the process alive, and queued answers are lost.
process.on('message', (entries) => void bindAll(entries));
