import { io, type Socket } from 'socket.io-client';

import { type ClientEvents, type ServerEvents, wire } from '#protocol';

import type { PeerServer } from './peers.ts';

const SIZE = { columns: 80, rows: 24 };
const TRANSPORT = { transports: ['websocket'], forceNew: true, reconnection: false };
/** What the page cuts pastes into. */
const PIECE = 16 * 1024;
const ACK_STEP_BYTES = 32 * 1024;
/** As wetty's page does. */
const WETTY_COMMIT = 256 * 1024;

/** How a page of one of the servers talks to it. */
interface Wire {
  readonly send: (text: string) => void;
  readonly close: () => void;
}

/**
 * A terminal on a page whose emulator draws so many bytes a second: output counts as seen when it is drawn, and is
 * acknowledged then.
 */
export class BenchTerminal implements Disposable {
  readonly #drawnPerMs: number;
  #wire: Wire | undefined;
  #drawnAtMs = 0;
  #onDrawn: (data: Buffer) => void = () => undefined;

  private constructor(drawnPerMs: number) {
    this.#drawnPerMs = drawnPerMs;
  }

  /** Opens a shell and settles when its prompt is there. */
  static async open(
    { peer, port }: Pick<PeerServer, 'peer' | 'port'>,
    megabytesPerSecond: number,
  ): Promise<BenchTerminal> {
    const terminal = new BenchTerminal(megabytesPerSecond * 1_000);
    const prompt = terminal.until('$ ');
    const connect = { own: connectOwn, naive: connectNaive, wetty: connectWetty }[peer];
    terminal.#wire = await connect(`http://127.0.0.1:${port}`, (data, onDrawn) =>
      terminal.#take(data, onDrawn),
    );
    await prompt;
    return terminal;
  }

  type(text: string): void {
    for (let from = 0; from < text.length; from += PIECE) {
      this.#wire?.send(text.slice(from, from + PIECE));
    }
  }

  /** Types a command line whose program reads keys as they are, and settles when it runs. */
  async run(program: string): Promise<void> {
    const ready = this.until('ready');
    this.type(`stty raw -echo; echo rea''dy; exec ${program}\r`);
    await ready;
  }

  /** Settles when what is drawn from now on holds `text`; gives what was drawn last. */
  until(text: string): Promise<string> {
    let seen = '';
    return new Promise((resolve) => {
      this.watch((data) => {
        seen = seen.slice(-text.length) + data.toString();
        if (!seen.includes(text)) return;
        this.watch(() => undefined);
        resolve(seen);
      });
    });
  }

  /** Is told of each piece that is drawn from now on, in place of whoever was before. */
  watch(onDrawn: (data: Buffer) => void): void {
    this.#onDrawn = onDrawn;
  }

  #take(data: Buffer, onDrawn: () => void): void {
    const nowMs = performance.now();
    this.#drawnAtMs = Math.max(nowMs, this.#drawnAtMs) + data.length / this.#drawnPerMs;
    const draw = () => {
      onDrawn();
      this.#onDrawn(data);
    };
    const waitMs = this.#drawnAtMs - nowMs;
    if (waitMs < 1) draw();
    else setTimeout(draw, waitMs);
  }

  [Symbol.dispose](): void {
    this.#wire?.close();
  }
}

type Take = (data: Buffer, onDrawn: () => void) => void;

async function connectOwn(url: string, take: Take): Promise<Wire> {
  const socket: Socket<ServerEvents, ClientEvents> = io(url, { ...TRANSPORT, parser: wire });
  let acknowledged = 0;
  socket.on('terminal:data', (id, offset, data) =>
    take(Buffer.from(data), () => {
      const end = offset + data.length;
      // As the page does: in steps, and not for a key's echo alone.
      if (end - acknowledged < ACK_STEP_BYTES) return;
      acknowledged = end;
      socket.emit('terminal:ack', id, end);
    }),
  );
  const opened = await socket.emitWithAck('terminal:open', SIZE);
  if (!opened.ok) throw new Error(opened.problem.message);
  const answer = await socket.emitWithAck('terminal:attach', { ...SIZE, ...opened.value });
  if (!answer.ok) throw new Error(answer.problem.message);
  take(Buffer.from(answer.value.data), () => undefined);
  const id = opened.value.terminal;
  return {
    send: (text) => socket.emit('terminal:input', id, text),
    close: () => socket.disconnect(),
  };
}

async function connectNaive(url: string, take: Take): Promise<Wire> {
  const socket = io(url, TRANSPORT);
  socket.on('output', (data: string) => take(Buffer.from(data), () => undefined));
  return { send: (text) => socket.emit('input', text), close: () => socket.disconnect() };
}

async function connectWetty(url: string, take: Take): Promise<Wire> {
  const socket = io(url, { ...TRANSPORT, path: '/socket.io' });
  let uncommitted = 0;
  socket.on('data', (data: string) =>
    take(Buffer.from(data), () => {
      uncommitted += data.length;
      if (uncommitted < WETTY_COMMIT) return;
      uncommitted -= WETTY_COMMIT;
      socket.emit('commit', WETTY_COMMIT);
    }),
  );
  // What is typed before has no reader.
  await new Promise<void>((resolve) => socket.once('login', () => resolve()));
  socket.emit('resize', { cols: SIZE.columns, rows: SIZE.rows });
  return { send: (text) => socket.emit('input', text), close: () => socket.disconnect() };
}
