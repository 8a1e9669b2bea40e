import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import type { Clock } from '../../../clock.ts';
import {
  CONNECTIONS_LIMIT,
  HEADER_LIMIT_MS,
  KEEP_ALIVE_LIMIT_MS,
  UPGRADED_LIMIT_CONNECTIONS,
} from '../../limits.ts';

/** The connections of one API server: no more than it can hold, and none that says nothing for ever. */
export class Connections {
  readonly #clock: Clock;
  readonly #sockets = new Set<Duplex>();
  readonly #upgraded = new Set<Duplex>();
  /** What ends a connection whose next request does not come. */
  readonly #deadlines = new WeakMap<Duplex, Disposable>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes a connection in; false when there are too many, and it is ended. */
  admit(socket: Duplex): boolean {
    socket.on('error', () => socket.destroy());
    if (this.#sockets.size >= CONNECTIONS_LIMIT) {
      socket.destroy();
      return false;
    }
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    if (socket instanceof Socket) socket.setNoDelay(true);
    return true;
  }

  /** A secure connection is there: its first request has so long to come. */
  expectFirst(socket: Duplex): void {
    this.#expect(socket, HEADER_LIMIT_MS);
    socket.on('close', () => this.requested(socket));
  }

  /** An answer is sent: the next request may be long in coming, but not in pieces for ever. */
  expectNext(socket: Duplex): void {
    if (!socket.destroyed) this.#expect(socket, KEEP_ALIVE_LIMIT_MS + HEADER_LIMIT_MS);
  }

  /** A request has come. */
  requested(socket: Duplex): void {
    this.#deadlines.get(socket)?.[Symbol.dispose]();
    this.#deadlines.delete(socket);
  }

  /** Counts a connection that switches protocols; false when there are too many. */
  upgrade(socket: Duplex): boolean {
    if (this.#upgraded.size >= UPGRADED_LIMIT_CONNECTIONS) return false;
    this.#upgraded.add(socket);
    socket.on('close', () => this.#upgraded.delete(socket));
    return true;
  }

  /** Ends all of them. */
  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #expect(socket: Duplex, limitMs: number): void {
    this.requested(socket);
    this.#deadlines.set(
      socket,
      this.#clock.after(limitMs, () => socket.destroy()),
    );
  }
}
