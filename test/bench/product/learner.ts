import { io, type Socket } from 'socket.io-client';

import {
  type Answer,
  type ClientEvents,
  type ProgressView,
  type ServerEvents,
  wire,
} from '#protocol';

const SIZE = { columns: 100, rows: 30 };
/** The shell marks the end of its prompt. */
const PROMPT = /\]633;B;/;

/** Somebody with a browser: does over HTTP and the socket what the page does, in its order. */
export class BenchLearner implements AsyncDisposable {
  readonly #url: string;
  readonly #cookie: string;
  #socket: Socket<ServerEvents, ClientEvents> | undefined;
  #session = '';
  #terminal = '';
  #seen = '';
  #onSeen: () => void = () => undefined;

  private constructor(url: string, cookie: string) {
    this.#url = url;
    this.#cookie = cookie;
  }

  /** The catalogue is on the screen, and the browser has its cookie. */
  static async arrive(url: string): Promise<BenchLearner> {
    const response = await fetch(`${url}/api/labs`);
    await response.arrayBuffer();
    const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    return new BenchLearner(url, cookie);
  }

  /** From the click on a lab to the shell's first prompt. */
  async open(lab: string): Promise<void> {
    const response = await this.#fetch('/api/sessions', 'POST', { lab });
    const view: unknown = await response.json();
    if (typeof view !== 'object' || view === null || !('id' in view)) {
      throw new Error(`Cannot open lab "${lab}": ${JSON.stringify(view)}`);
    }
    this.#session = String(view.id);
    const socket: Socket<ServerEvents, ClientEvents> = io(this.#url, {
      transports: ['websocket'],
      parser: wire,
      forceNew: true,
      reconnection: false,
      extraHeaders: { cookie: this.#cookie, origin: this.#url },
    });
    this.#socket = socket;
    socket.on('terminal:data', (_, __, data) => this.#see(Buffer.from(data).toString()));
    const prompt = this.until(PROMPT);
    valueOf(await socket.emitWithAck('session:join', { session: this.#session, locale: 'en' }));
    const opened = valueOf(await socket.emitWithAck('terminal:open', SIZE));
    this.#terminal = opened.terminal;
    const attached = await socket.emitWithAck('terminal:attach', { ...SIZE, ...opened });
    this.#see(Buffer.from(valueOf(attached).data).toString());
    await prompt;
  }

  type(text: string): void {
    this.#socket?.emit('terminal:input', this.#terminal, text);
  }

  /** Settles when what the terminal prints from now on matches. */
  until(text: string | RegExp): Promise<void> {
    const pattern = typeof text === 'string' ? RegExp.escape(text) : text;
    this.#seen = '';
    return new Promise((resolve) => {
      this.#onSeen = () => {
        if (this.#seen.search(pattern) < 0) return;
        this.#onSeen = () => undefined;
        resolve();
      };
    });
  }

  /** The next news of the checks. */
  progress(): Promise<ProgressView> {
    return new Promise((resolve) => {
      this.#socket?.once('session:progress', (progress) => resolve(progress));
    });
  }

  /** Leaves for good: the session's cluster and sandbox are given back. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket?.disconnect();
    if (this.#session !== '') await this.#fetch(`/api/sessions/${this.#session}`, 'DELETE');
  }

  #see(text: string): void {
    this.#seen += text;
    this.#onSeen();
  }

  #fetch(path: string, method: string, body?: object): Promise<Response> {
    const headers = {
      cookie: this.#cookie,
      origin: this.#url,
      'content-type': 'application/json',
    };
    return fetch(this.#url + path, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
  }
}

function valueOf<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value;
  throw new Error(answer.problem.message);
}
