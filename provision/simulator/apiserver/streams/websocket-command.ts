import type { Clock } from '../../clock.ts';
import type { KubeletRefusal } from '../../node/kubelet.ts';
import { Channels } from './channels.ts';
import { endingText, refused } from './command-status.ts';
import { runCommand, type RemoteCommand } from './remote-command.ts';
import { acceptWebSocket, offeredProtocols, type UpgradeRequest } from './websocket.ts';

/** Protocols that a kubelet knows; without a subprotocol it is spoken to as in the first. */
const CHANNEL_PROTOCOLS = [
  '',
  'channel.k8s.io',
  'base64.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
];
/** Here the API server itself is the partner and translates for the kubelet. */
const TRANSLATED_PROTOCOL = 'v5.channel.k8s.io';

const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const;

/** Whether the API server switches protocols by itself, before a kubelet has been asked. */
export function isTranslated({ request }: UpgradeRequest): boolean {
  return offeredProtocols(request).includes(TRANSLATED_PROTOCOL);
}

/** exec and attach over the channels of a WebSocket: output, and at the end the status; the client's going away ends it. */
export async function runOverWebSocket(
  upgrade: UpgradeRequest,
  { remote, refusal, clock }: WebSocketCommand,
): Promise<void> {
  const known = isTranslated(upgrade) ? [TRANSLATED_PROTOCOL] : CHANNEL_PROTOCOLS;
  const { connection, protocol } = await acceptWebSocket(upgrade, known);
  const gone = new AbortController();
  const channels = new Channels({
    connection,
    protocol,
    clock,
    count: Object.keys(CHANNEL).length,
    onClose: () => gone.abort(),
  });
  await channels.greet(remote.hasStdout ? CHANNEL.stdout : CHANNEL.error);
  const { hasStdin, hasStdout, hasStderr } = remote;
  const ending = refusal
    ? refused(`unable to upgrade connection: ${refusal.message}`)
    : await runCommand(remote, {
        stdin: channelOf(channels, 'stdin', hasStdin),
        stdout: channelOf(channels, 'stdout', hasStdout),
        stderr: channelOf(channels, 'stderr', hasStderr),
        resize: channels.stream(CHANNEL.resize),
        gone: gone.signal,
      });
  const isWrapped = protocol === TRANSLATED_PROTOCOL && ending.type === 'refused' && !refusal;
  const text = endingText(isWrapped ? refused(ending.status.message) : ending, protocol);
  if (text !== '') channels.stream(CHANNEL.error).write(text);
  channels.close();
}

export interface WebSocketCommand {
  readonly remote: RemoteCommand;
  /** What the kubelet would say instead of switching. */
  readonly refusal: KubeletRefusal | undefined;
  readonly clock: Clock;
}

function channelOf(channels: Channels, name: keyof typeof CHANNEL, isWanted: boolean) {
  const stream = channels.stream(CHANNEL[name]);
  if (isWanted) return stream;
  // Nobody reads it: what a client sends all the same is dropped.
  stream.resume();
  return undefined;
}
