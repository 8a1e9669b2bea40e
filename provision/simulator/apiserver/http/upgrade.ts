import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import type { ApiError } from '../../client/api-error.ts';
import type { KubeObject } from '../../kinds/object.ts';
import { unknownResource } from '../errors.ts';
import { defaultContainer } from '../objects/containers.ts';
import { forwardOverWebSocket, forwardStream, type OpenPort } from '../streams/port-forward.ts';
import { runOverWebSocket, type Attach } from '../streams/remote-command.ts';
import { SpdyCommand } from '../streams/spdy-command.ts';
import { acceptSpdy, isSpdy } from '../streams/spdy.ts';
import { acceptWebSocket } from '../streams/websocket.ts';
import type { Exchange } from './exchange.ts';
import { find } from './objects.ts';
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
  const pod = find(upgrade, kind, info);
  const target = { namespace: info.namespace, name: info.name };
  switch (info.subresource) {
    case 'exec':
    case 'attach':
      return runCommand(upgrade, pod, info.subresource);
    case 'portforward':
      return forwardPorts(upgrade, (port) => context.kubelet().portForward(target, port));
    default:
      throw unknownResource();
  }
}

async function runCommand(
  upgrade: Upgrade,
  pod: KubeObject,
  verb: 'exec' | 'attach',
): Promise<void> {
  const { query, context, request } = upgrade;
  const { name, namespace = '' } = pod.metadata;
  const container = defaultContainer(pod, query.get('container') ?? '');
  const ref = { namespace, pod: name, container };
  const kubelet = context.kubelet();
  const options = commandOf(query);
  const start: Attach = () =>
    verb === 'exec' ? kubelet.exec(ref, options) : kubelet.attach(ref, options);
  if (isSpdy(request)) {
    const command = new SpdyCommand({ start, ...options });
    acceptSpdy(upgrade, SPDY_COMMAND_PROTOCOL, (stream) => command.accept(stream));
    return;
  }
  const connection = await acceptWebSocket(upgrade, REMOTE_COMMAND_PROTOCOLS);
  await runOverWebSocket(connection, { start, ...options });
}

async function forwardPorts(upgrade: Upgrade, open: OpenPort): Promise<void> {
  if (isSpdy(upgrade.request)) {
    acceptSpdy(upgrade, SPDY_FORWARD_PROTOCOL, (stream) => void forwardStream(stream, open));
    return;
  }
  const connection = await acceptWebSocket(upgrade, PORT_FORWARD_PROTOCOLS);
  forwardOverWebSocket(connection, open);
}

const SPDY_COMMAND_PROTOCOL = 'v4.channel.k8s.io';
const SPDY_FORWARD_PROTOCOL = 'portforward.k8s.io';
const REMOTE_COMMAND_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const PORT_FORWARD_PROTOCOLS = ['SPDY/3.1+portforward.k8s.io'];

function commandOf(query: URLSearchParams) {
  const isTty = isTrue(query.get('tty'));
  return {
    command: query.getAll('command'),
    isTty,
    hasStdin: isTrue(query.get('stdin')),
    hasStdout: isTrue(query.get('stdout')),
    // A terminal has one output.
    hasStderr: isTrue(query.get('stderr')) && !isTty,
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
