import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';

import { type ClientEvents, type ServerEvents, wire } from '#protocol';

export type PageSocket = Socket<ServerEvents, ClientEvents> & Disposable;

/** A browser of one learner, good or bad. */
export interface Page {
  readonly cookie: string;
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Id of the learner's session in the lab. */
  session(lab: string): Promise<string>;
  /** A socket; it may have been refused. */
  connect(headers?: Readonly<Record<string, string>>): Promise<PageSocket>;
  /** A bare connection below socket.io, open and admitted, for frames that no library would send. */
  connectRaw(): Promise<WebSocket & Disposable>;
}

/** Comes to a server as a new learner. */
export async function openPage(url: string): Promise<Page> {
  const greeting = await fetch(`${url}/api/labs`);
  const cookie = greeting.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const headers = { cookie, origin: url };
  const request = (path: string, init: RequestInit = {}) =>
    fetch(url + path, {
      ...init,
      headers: { ...headers, 'content-type': 'application/json', ...headersOf(init) },
    });
  return {
    cookie,
    request,
    async session(lab) {
      const answer = await request('/api/sessions', {
        method: 'POST',
        body: JSON.stringify({ lab }),
      });
      return textField(await answer.json(), 'id');
    },
    async connect(others = {}) {
      const socket: Socket<ServerEvents, ClientEvents> = io(url, {
        transports: ['websocket'],
        parser: wire,
        forceNew: true,
        reconnection: false,
        extraHeaders: { ...headers, ...others },
      });
      await new Promise<void>((resolve) => {
        socket.once('connect', resolve);
        socket.once('connect_error', () => resolve());
      });
      return Object.assign(socket, { [Symbol.dispose]: () => void socket.disconnect() });
    },
    async connectRaw() {
      const address = `${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
      const socket = new WebSocket(address, { headers });
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.once('open', () => socket.send('40'));
        socket.on('message', (message: Buffer) => {
          if (message.toString().startsWith('40')) resolve();
        });
      });
      socket.on('error', () => undefined);
      return Object.assign(socket, { [Symbol.dispose]: () => socket.terminate() });
    },
  };
}

/** Settles when the server has ended the connection. */
export async function closed(socket: WebSocket | PageSocket): Promise<void> {
  if (socket instanceof WebSocket) {
    if (socket.readyState === WebSocket.CLOSED) return;
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  } else if (!socket.disconnected) {
    await new Promise<void>((resolve) => socket.once('disconnect', () => resolve()));
  }
}

/** A text in an answer. @throws Error when it is not there */
export function textField(value: unknown, name: string): string {
  const fields = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const found: unknown = fields.find(([key]) => key === name)?.[1];
  if (typeof found === 'string') return found;
  throw new Error(`No ${name} in ${JSON.stringify(value)}`);
}

function headersOf({ headers }: RequestInit): Record<string, string> {
  return Object.fromEntries(new Headers(headers).entries());
}
