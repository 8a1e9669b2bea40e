import type { Socket } from 'socket.io';

import type {
  AttachRequest,
  ClientEvents,
  ServerEvents,
  TerminalPass,
  TerminalSize,
} from '#protocol';

import { answerWith } from '../answer.ts';
import type { Logger } from '../log.ts';
import { Problem } from '../problem.ts';
import { COLUMNS, MESSAGE_BYTES, ROWS, TOKEN_CHARACTERS } from './limits.ts';
import { isToken } from './secrets.ts';
import type { Terminal, Watch } from './terminal.ts';

/** The terminals of one session, as its layer keeps them. */
export interface TerminalHost {
  readonly open: (size: TerminalSize) => Promise<TerminalPass>;
  readonly find: (id: string) => Terminal | undefined;
  readonly close: (id: string) => Promise<void>;
  /** Somebody types. */
  readonly touch: () => void;
  readonly log: Pick<Logger, 'error'>;
}

type TerminalSocket = Pick<
  Socket<ClientEvents, ServerEvents, Record<string, never>>,
  'on' | 'emit' | 'disconnect'
>;

/**
 * Binds a page's socket to the terminals of its session. Messages are checked here; one that no page of ours would send
 * ends the connection.
 */
export function bindTerminals(socket: TerminalSocket, host: TerminalHost): void {
  const watches = new Map<string, Watch>();
  let isGone = false;
  const refuse = () => socket.disconnect(true);

  socket.on('terminal:open', (size, answer) => {
    if (!isSize(size)) refuse();
    else void answerWith(host.log, answer, () => open(size));
  });
  socket.on('terminal:attach', (request, answer) => {
    if (!isAttach(request)) refuse();
    else void attach(request, answer);
  });
  socket.on('terminal:input', (id, data, answer) => {
    if (!isInput(data)) {
      refuse();
      return;
    }
    const watch = watches.get(id);
    watch?.write(data);
    host.touch();
    if (typeof answer !== 'function') return;
    const room = watch ? watch.room() : Promise.resolve();
    if (room) void room.then(() => answer());
    else refuse();
  });
  socket.on('terminal:resize', (id, size) => {
    if (isSize(size)) watches.get(id)?.resize(size);
    else refuse();
  });
  socket.on('terminal:take', (id, size) => {
    if (isSize(size)) watches.get(id)?.take(size);
    else refuse();
  });
  socket.on('terminal:ack', (id, offset) => {
    if (Number.isSafeInteger(offset)) watches.get(id)?.acknowledge(offset);
    else refuse();
  });
  socket.on('terminal:close', (id) => {
    watches.get(id)?.[Symbol.dispose]();
    watches.delete(id);
    if (typeof id === 'string') void answerWith(host.log, undefined, () => host.close(id));
  });
  socket.on('disconnect', () => {
    isGone = true;
    for (const watch of watches.values()) watch[Symbol.dispose]();
    watches.clear();
  });

  async function open(size: TerminalSize) {
    const { id, token } = await host.open(size);
    return { terminal: id, token };
  }

  async function attach(request: AttachRequest, answer: unknown): Promise<void> {
    const { terminal: id, token } = request;
    let watch: Watch | undefined;
    await answerWith(host.log, answer, async () => {
      const terminal = host.find(id);
      // Who guesses a token learns nothing: the answer is that for a terminal that is not there.
      if (!terminal || !isToken(token, terminal.token)) {
        throw new Problem(404, 'terminal-not-found', 'This terminal has been closed');
      }
      watch = await watchAgain(terminal, request);
      return watch.view;
    });
    // Output and exit come after the answer: the page must know where they belong.
    watch?.start();
  }

  /** One page has one hold on a terminal; asking again, for a gap in what it was sent, replaces it. */
  async function watchAgain(
    terminal: Terminal,
    { terminal: id, have, viewer }: AttachRequest,
  ): Promise<Watch> {
    // Let go of after the new one is there: the pen stays with the page.
    const earlier = watches.get(id);
    watches.delete(id);
    const watch = await terminal.watch({
      ...(have !== undefined && { have }),
      ...(viewer !== undefined && { viewer }),
      onData: (offset, data) => socket.emit('terminal:data', id, offset, data),
      onRole: (role) => {
        if (watches.get(id) === watch) socket.emit('terminal:role', id, role);
      },
      onNotice: (notice) => socket.emit('terminal:notice', id, notice),
      onExit: (exit) => socket.emit('terminal:exit', id, exit),
      onDead: refuse,
    });
    earlier?.[Symbol.dispose]();
    // Meanwhile the page may have gone, or have asked once more.
    watches.get(id)?.[Symbol.dispose]();
    if (isGone) watch[Symbol.dispose]();
    else watches.set(id, watch);
    return watch;
  }
}

function isSize(value: unknown): value is TerminalSize {
  if (typeof value !== 'object' || value === null || !('columns' in value) || !('rows' in value)) {
    return false;
  }
  return isWithin(value.columns, COLUMNS) && isWithin(value.rows, ROWS);
}

function isWithin(
  value: unknown,
  { min, max }: { readonly min: number; readonly max: number },
): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

function isAttach(value: unknown): value is AttachRequest {
  if (!isSize(value) || !('terminal' in value) || typeof value.terminal !== 'string') return false;
  if (!('token' in value) || typeof value.token !== 'string') return false;
  return (
    value.token.length <= TOKEN_CHARACTERS &&
    isCount('have' in value ? value.have : undefined) &&
    isCount('viewer' in value ? value.viewer : undefined)
  );
}

function isCount(value: unknown): boolean {
  return value === undefined || (Number.isSafeInteger(value) && Number(value) >= 0);
}

function isInput(value: unknown): value is string | Uint8Array {
  if (typeof value === 'string') return value.length <= MESSAGE_BYTES;
  return value instanceof Uint8Array && value.length <= MESSAGE_BYTES;
}
