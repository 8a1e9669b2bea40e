import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import type { ApiError } from '../../../client/api-error.ts';
import type { Kind } from '../../../kinds/kind.ts';
import type { KubeObject } from '../../../kinds/object.ts';
import type { KubeletRefusal } from '../../../node/kubelet.ts';
import { badRequest, unknownResource } from '../../errors.ts';
import { defaultContainer } from '../../objects/containers.ts';
import { stringAt } from '../../objects/json.ts';
import { forwardOverChannels } from '../../streams/port-forward-channels.ts';
import {
  forwardOverSpdy,
  forwardThroughTunnel,
  TUNNEL_PROTOCOL,
} from '../../streams/port-forward.ts';
import type { RemoteCommand } from '../../streams/remote-command.ts';
import { runOverSpdy } from '../../streams/spdy-command.ts';
import { isSpdy } from '../../streams/spdy.ts';
import { isTranslated, runOverWebSocket } from '../../streams/websocket-command.ts';
import { isWebSocket, offeredProtocols } from '../../streams/websocket.ts';
import type { Exchange } from '../exchange.ts';
import { find } from '../objects.ts';
import { proxyUpgrade } from '../proxy/proxy.ts';
import { isTrue, type ResourceInfo } from '../requests/request-info.ts';
import { admitConnection } from '../subresources/connect.ts';

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
  if (kind?.group === '' && PROXIED.has(kind.plural) && info.subresource === 'proxy') {
    return proxyUpgrade(upgrade, kind, info);
  }
  if (!kind || !isStreamed(kind, info.subresource)) throw unknownResource();
  const pod = find(upgrade, kind, info);
  if (!isSpdy(upgrade.request) && !isWebSocket(upgrade.request)) {
    throw badRequest('Upgrade request required');
  }
  await admitConnection(upgrade, kind, pod, info.subresource);
  if (info.subresource === 'portforward') return forwardPorts(upgrade, pod);
  return runCommand(upgrade, pod, info.subresource === 'exec' ? 'exec' : 'attach');
}

function isStreamed(kind: Kind, subresource: string): boolean {
  return kind.group === '' && kind.plural === 'pods' && STREAMED.has(subresource);
}

const PROXIED = new Set(['pods', 'services', 'nodes']);
const STREAMED = new Set(['exec', 'attach', 'portforward']);

async function runCommand(
  upgrade: Upgrade,
  pod: KubeObject,
  verb: 'exec' | 'attach',
): Promise<void> {
  const { query, context } = upgrade;
  const { name, namespace = '' } = pod.metadata;
  const container = defaultContainer(pod, query.get('container') ?? '');
  requireNode(pod);
  const ref = { namespace, pod: name, container };
  const kubelet = context.kubelet();
  const options = commandOf(query);
  const remote: RemoteCommand = {
    start: () => (verb === 'exec' ? kubelet.exec(ref, options) : kubelet.attach(ref, options)),
    ...options,
  };
  const { clock } = context.core;
  const refusal = kubelet.refusal(verb, ref);
  const isForKubelet = isSpdy(upgrade.request) || !isTranslated(upgrade);
  if (refusal && isForKubelet) return refuseInWords(upgrade.socket, refusal);
  if (isSpdy(upgrade.request)) return runOverSpdy(upgrade, remote, clock);
  return runOverWebSocket(upgrade, { remote, refusal, clock });
}

async function forwardPorts(upgrade: Upgrade, pod: KubeObject): Promise<void> {
  const { name, namespace = '' } = pod.metadata;
  requireNode(pod);
  const { context, request, socket } = upgrade;
  const kubelet = context.kubelet();
  const { clock } = context.core;
  const refusal = kubelet.refusal('portforward', { namespace, pod: name });
  if (refusal) return refuseInWords(socket, refusal);
  const open = (port: number) => kubelet.portForward({ namespace, name }, port);
  if (isSpdy(request)) return forwardOverSpdy(upgrade, open, clock);
  if (offeredProtocols(request).includes(TUNNEL_PROTOCOL)) {
    return forwardThroughTunnel(upgrade, open, clock);
  }
  return forwardOverChannels(upgrade, open, clock);
}

/** @throws ApiError 400 for a pod that is on no node */
function requireNode(pod: KubeObject): void {
  if ((stringAt(pod, 'spec', 'nodeName') ?? '') === '') {
    throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  }
}

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
  endWith(socket, error.code, 'application/json', `${JSON.stringify(error.toStatus())}\n`);
}

/** The API server hands on what a kubelet says, as it is. */
function refuseInWords(socket: Duplex, { code, message }: KubeletRefusal): void {
  endWith(socket, code, 'text/plain; charset=utf-8', `${message}\n`);
}

function endWith(socket: Duplex, code: number, type: string, body: string): void {
  if (socket.destroyed || !socket.writable) return;
  const head = [
    `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? 'Error'}`,
    `content-type: ${type}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
