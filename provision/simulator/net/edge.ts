import type { Server, Socket } from 'node:net';

import type { Peer } from './http.ts';
import type { VirtualNetwork } from './virtual-network.ts';

/**
 * Joins a real listening socket to an address of the virtual network: each connection reaches one endpoint, chosen when it
 * is opened, as kube-proxy does. What comes to an address behind which nothing listens is reset.
 */
export function serveEdge(network: VirtualNetwork, address: Peer, server: Server): void {
  server.on('connection', (socket) => join(network, address, socket));
}

function join(network: VirtualNetwork, address: Peer, socket: Socket): void {
  socket.on('error', () => socket.destroy());
  socket.setNoDelay(true);
  const from = network.host.ip;
  const choice = network.chooseEndpoint(address);
  // Packets that are dropped get no answer: the client waits until it gives up or we are gone.
  if (choice.type === 'dropped') return;
  const endpoint = choice.type === 'endpoint' ? choice.endpoint : undefined;
  const listener = endpoint && network.listenerAt(endpoint);
  if (!endpoint || !listener) {
    socket.resetAndDestroy();
    return;
  }
  if (listener.type === 'http') {
    const peer = { ip: from, port: socket.remotePort ?? 0 };
    network.bridge.accept(socket, peer, (request) => network.host.deliver(endpoint, request));
    return;
  }
  if (listener.type === 'service') socket.resetAndDestroy();
  else listener.accept(socket, { ip: from, port: socket.remotePort ?? 0 });
}
