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
  // A client may end its half and still wants to hear.
  socket.allowHalfOpen = true;
  const choice = network.chooseEndpoint(address);
  // Packets that are dropped get no answer: the client waits until it gives up or we are gone.
  if (choice.type === 'dropped') return;
  const endpoint = choice.type === 'endpoint' ? choice.endpoint : undefined;
  if (!endpoint || !network.isOpen(endpoint)) {
    socket.resetAndDestroy();
    return;
  }
  network.accept(endpoint, socket, { ip: network.host.ip, port: socket.remotePort ?? 0 });
}
