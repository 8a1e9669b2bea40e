/** Forwarded ports over the channels of a WebSocket, as @kubernetes/client-node asks for them. */
import type { Clock } from '../../clock.ts';
import { badRequest } from '../errors.ts';
import { FORWARD_LIMIT_PORTS } from '../limits.ts';
import { Channels } from './channels.ts';
import { joinStreams, type OpenPort } from './port-forward.ts';
import { acceptWebSocket, type UpgradeRequest } from './websocket.ts';

const PROTOCOLS = ['', 'v4.channel.k8s.io', 'v4.base64.channel.k8s.io'];

/**
 * Forwards the ports that the query names: two channels each, one for data and one for an error's text; each begins
 * with the port's number in two bytes.
 * @throws ApiError 400 when the query names no port, or one that there is not
 */
export async function forwardOverChannels(
  upgrade: UpgradeRequest & { readonly query: URLSearchParams },
  open: OpenPort,
  clock: Clock,
): Promise<void> {
  const ports = readPorts(upgrade.query);
  const { connection, protocol } = await acceptWebSocket(upgrade, PROTOCOLS);
  const channels = new Channels({
    connection,
    protocol,
    clock,
    count: ports.length * 2,
    onClose: () => undefined,
  });
  await Promise.all(
    ports.map(async (port, index) => {
      const [data, errors] = [channels.stream(index * 2), channels.stream(index * 2 + 1)];
      const head = Buffer.alloc(2);
      head.writeUInt16LE(port);
      data.write(head);
      errors.write(head);
      errors.resume();
      try {
        await joinStreams(data, await open(port));
      } catch (error) {
        data.resume();
        errors.write(error instanceof Error ? error.message : String(error));
      }
    }),
  );
  channels.close();
}

function readPorts(query: URLSearchParams): readonly number[] {
  const texts = query.getAll('ports').flatMap((value) => value.split(','));
  if (texts.length === 0) throw badRequest('query parameter "port" is required');
  if (texts.length > FORWARD_LIMIT_PORTS) {
    throw badRequest(`at most ${FORWARD_LIMIT_PORTS} ports can be forwarded`);
  }
  return texts.map((text) => {
    const port = Number(text);
    if (!/^\d+$/.test(text) || port > 65_535) {
      throw badRequest(`unable to parse ${JSON.stringify(text)} as a port`);
    }
    if (port === 0) throw badRequest(`port ${JSON.stringify(text)} must be > 0`);
    return port;
  });
}
