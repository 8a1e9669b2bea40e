import { io, type Socket } from 'socket.io-client';

import type { ClientEvents, ServerEvents } from '#protocol';

/** Which protocol a server speaks. */
export type Peer = 'own' | 'naive';

const SIZE = { columns: 80, rows: 24 };
const TRANSPORT = { transports: ['websocket'], forceNew: true, reconnection: false };

/**
 * A terminal on a page whose emulator draws so many bytes a second: output counts as seen when it is drawn, and is
 * acknowledged then.
 */
export class BenchTerminal implements Disposable {
  readonly #drawnPerMs: number;
  readonly #send: (text: string) => void;
  readonly #close: () => void;
  #drawnAtMs = 0;
  #onDrawn: (text: string) => void = () => undefined;

  private constructor(drawnPerMs: number, send: (text: string) => void, close: () => void) {
    this.#drawnPerMs = drawnPerMs;
    this.#send = send;
    this.#close = close;
  }

  /** Opens a shell and settles when its prompt is there. */
  static async open(peer: Peer, port: number, megabytesPerSecond: number): Promise<BenchTerminal> {
    const url = `http://127.0.0.1:${port}`;
    const terminal = await (peer === 'own' ? openOwn : openNaive)(url, megabytesPerSecond * 1_000);
    return terminal;
  }

  static make(drawnPerMs: number, send: (text: string) => void, close: () => void): BenchTerminal {
    return new BenchTerminal(drawnPerMs, send, close);
  }

  type(text: string): void {
    this.#send(text);
  }

  /** Settles when what is drawn from now on holds `text`. */
  until(text: string): Promise<void> {
    let seen = '';
    return new Promise((resolve) => {
      this.#onDrawn = (drawn) => {
        seen = seen.slice(-text.length) + drawn;
        if (!seen.includes(text)) return;
        this.#onDrawn = () => undefined;
        resolve();
      };
    });
  }

  /** Takes output; `onDrawn` is called when the emulator is through with it. */
  take(data: Buffer, onDrawn: () => void): void {
    const nowMs = performance.now();
    this.#drawnAtMs = Math.max(nowMs, this.#drawnAtMs) + data.length / this.#drawnPerMs;
    const draw = () => {
      onDrawn();
      this.#onDrawn(data.toString());
    };
    const waitMs = this.#drawnAtMs - nowMs;
    if (waitMs < 1) draw();
    else setTimeout(draw, waitMs);
  }

  [Symbol.dispose](): void {
    this.#close();
  }
}

async function openOwn(url: string, drawnPerMs: number): Promise<BenchTerminal> {
  const socket: Socket<ServerEvents, ClientEvents> = io(url, TRANSPORT);
  const terminal = BenchTerminal.make(
    drawnPerMs,
    (text) => socket.emit('terminal:input', '1', text),
    () => socket.disconnect(),
  );
  const prompt = terminal.until('$ ');
  let acknowledged = 0;
  socket.on('terminal:data', (id, offset, data) =>
    terminal.take(Buffer.from(data), () => {
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
  terminal.take(Buffer.from(answer.value.data), () => undefined);
  await prompt;
  return terminal;
}

const ACK_STEP_BYTES = 32 * 1024;

async function openNaive(url: string, drawnPerMs: number): Promise<BenchTerminal> {
  const socket = io(url, TRANSPORT);
  const terminal = BenchTerminal.make(
    drawnPerMs,
    (text) => socket.emit('input', text),
    () => socket.disconnect(),
  );
  const prompt = terminal.until('$ ');
  socket.on('output', (data: string) => terminal.take(Buffer.from(data), () => undefined));
  await prompt;
  return terminal;
}
