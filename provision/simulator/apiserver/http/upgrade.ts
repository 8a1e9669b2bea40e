import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import type { ApiError } from '../../client/api-error.ts';
import { badRequest, unknownResource } from '../errors.ts';
import { notFound } from '../errors.ts';
import { defaultContainer } from '../objects/containers.ts';
import { toVersion } from '../objects/convert.ts';
import { forwardOverWebSocket } from '../streams/port-forward.ts';
import type { Attach } from '../streams/remote-command.ts';
import { runOverWebSocket } from '../streams/remote-command.ts';
import { acceptWebSocket, isWebSocket } from '../streams/websocket.ts';
import type { Exchange } from './exchange.ts';
import { isTrue, type ResourceInfo } from './request-info.ts';

/** A request to switch protocols, after authentication and authorization. */
export type Upgrade = Omit<Exchange, 'response'> & {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
};

/** Answers exec, attach and portforward. */
export async function handleUpgrade(upgrade: Upgrade, info: ResourceInfo): Promise<void> {
  const { context } = upgrade;
  const kind = context.core.kinds.find(info.group, info.version, info.plural);
  if (!kind || kind.group !== '' || kind.plural !== 'pods') throw unknownResource();
  const stored = context.core.store.get('/pods', info.namespace, info.name);
  if (!stored) throw notFound(kind, info.name);
  const pod = toVersion(stored, kind);
  if (!isWebSocket(upgrade.request)) {
    throw badRequest(
      'Cannot switch to SPDY on a bare connection: this simulator streams over WebSockets; use kubectl 1.31 or newer',
    );
  }
  switch (info.subresource) {
    case 'exec':
    case 'attach': {
      const ref = {
        namespace: info.namespace,
        pod: info.name,
        container: defaultContainer(pod, upgrade.query.get('container') ?? ''),
      };
      const { connection, protocol } = await acceptWebSocket(upgrade, REMOTE_COMMAND_PROTOCOLS);
      const kubelet = context.kubelet();
      const options = commandOf(upgrade.query);
      const start: Attach = () =>
        info.subresource === 'exec' ? kubelet.exec(ref, options) : kubelet.attach(ref, options);
      return runOverWebSocket(connection, { start, ...options, protocol });
    }
    case 'portforward': {
      const { connection } = await acceptWebSocket(upgrade, PORT_FORWARD_PROTOCOLS);
      const target = { namespace: info.namespace, name: info.name };
      return forwardOverWebSocket(connection, (port) =>
        context.kubelet().portForward(target, port),
      );
    }
    default:
      throw unknownResource();
  }
}

const REMOTE_COMMAND_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const PORT_FORWARD_PROTOCOLS = ['SPDY/3.1+portforward.k8s.io'];

function commandOf(query: URLSearchParams) {
  return {
    command: query.getAll('command'),
    isTty: isTrue(query.get('tty')),
    hasStdin: isTrue(query.get('stdin')),
  };
}

/** Says no in plain HTTP on a connection that was to be switched. */
export function refuseUpgrade(socket: Duplex, error: ApiError): void {
  if (socket.destroyed || !socket.writable) return;
  const body = JSON.stringify(error.toStatus());
  socket.end(
    `HTTP/1.1 ${error.code} ${error.reason}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
