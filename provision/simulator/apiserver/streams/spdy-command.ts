import type { Clock } from '../../clock.ts';
import { STREAM_CREATION_LIMIT_MS } from '../limits.ts';
import type { SpdyStream } from '../spdy/stream.ts';
import { endingText } from './command-status.ts';
import { runCommand, type RemoteCommand } from './remote-command.ts';
import { acceptSpdy, type SpdyCarrier } from './spdy.ts';
import type { UpgradeRequest } from './websocket.ts';

/** Versions of remotecommand, newest first; resizing came with 3, a Status at the end with 4. */
const PROTOCOLS = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'];
const WITH_RESIZE = new Set(PROTOCOLS.slice(0, 2));

/** exec and attach over SPDY: the client opens a stream for each thing that it wants, then the command starts. */
export async function runOverSpdy(
  upgrade: UpgradeRequest,
  remote: RemoteCommand,
  clock: Clock,
): Promise<void> {
  const streams = new Map<string, SpdyStream>();
  const complete = Promise.withResolvers<boolean>();
  let wanted: readonly string[] = [];
  const carrier = acceptSpdy(upgrade, {
    protocols: PROTOCOLS,
    clock,
    onStream: (stream) => {
      streams.set(stream.headers['streamtype'] ?? '', stream);
      if (wanted.every((type) => streams.has(type))) complete.resolve(true);
    },
    onEnd: () => complete.resolve(false),
  });
  wanted = wantedStreams(remote, carrier.protocol);
  using late = clock.after(STREAM_CREATION_LIMIT_MS, () => complete.resolve(false));
  void late;
  if (await complete.promise) await run(remote, streams, carrier);
  carrier.close();
}

async function run(
  remote: RemoteCommand,
  streams: ReadonlyMap<string, SpdyStream>,
  { protocol, gone }: SpdyCarrier,
): Promise<void> {
  const errors = streams.get('error');
  errors?.resume();
  const ending = await runCommand(remote, {
    stdin: streams.get('stdin'),
    stdout: streams.get('stdout'),
    stderr: streams.get('stderr'),
    resize: streams.get('resize'),
    gone,
  });
  for (const [type, stream] of streams) if (type !== 'error') stream.end();
  await new Promise<void>((resolve) => {
    if (!errors || errors.destroyed) resolve();
    else errors.end(endingText(ending, protocol), () => resolve());
    errors?.on('close', () => resolve());
  });
}

function wantedStreams(remote: RemoteCommand, protocol: string): readonly string[] {
  const { isTty, hasStdin, hasStdout, hasStderr } = remote;
  const wanted = {
    stdin: hasStdin,
    stdout: hasStdout,
    stderr: hasStderr,
    resize: isTty && WITH_RESIZE.has(protocol),
  };
  const types = Object.entries(wanted).filter(([, isWanted]) => isWanted);
  return ['error', ...types.map(([type]) => type)];
}
