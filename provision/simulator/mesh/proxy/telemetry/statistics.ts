import type { HttpStream } from '../http/stream.ts';
import { STATISTICS_LIMIT } from './limits.ts';
import { isHttp2 } from './protocol.ts';

/** Counts of one listener's requests. */
interface ListenerCounts {
  total: number;
  http2: number;
  /** By class: the first is 1xx. */
  readonly classes: number[];
}

/** A proxy's own counters by Envoy's names: what its filters count, and requests by listener. */
export class Statistics {
  readonly #counts = new Map<string, number>();
  readonly #inbound = new Map<number, ListenerCounts>();
  readonly #outbound = new Map<number, ListenerCounts>();

  /** Adds one to a counter: `http.inbound_0.0.0.0_80;.rbac.allowed`; new names beyond STATISTICS_LIMIT are not counted. */
  count(name: string): void {
    const value = this.#counts.get(name);
    if (value === undefined && this.#counts.size >= STATISTICS_LIMIT) return;
    this.#counts.set(name, (value ?? 0) + 1);
  }

  /** Counts an answered request (https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/stats). */
  countRequest({ manager, destination, request, peer }: HttpStream, status: number): void {
    const listeners = manager.direction === 'INBOUND' ? this.#inbound : this.#outbound;
    let counts = listeners.get(destination.port);
    if (!counts) {
      if (listeners.size >= STATISTICS_LIMIT) return;
      counts = { total: 0, http2: 0, classes: [0, 0, 0, 0, 0] };
      listeners.set(destination.port, counts);
    }
    counts.total++;
    if (isHttp2(request.headers, peer)) counts.http2++;
    const place = Math.floor(status / 100) - 1;
    const before = counts.classes[place];
    if (before !== undefined) counts.classes[place] = before + 1;
  }

  /** Name and value of each. */
  entries(): readonly (readonly [string, number])[] {
    return [
      ...this.#counts,
      ...ofListeners('inbound', this.#inbound),
      ...ofListeners('outbound', this.#outbound),
    ];
  }

  reset(): void {
    this.#counts.clear();
    this.#inbound.clear();
    this.#outbound.clear();
  }
}

function* ofListeners(
  direction: string,
  listeners: ReadonlyMap<number, ListenerCounts>,
): Iterable<readonly [string, number]> {
  for (const [port, { total, http2, classes }] of listeners) {
    const prefix = `http.${direction}_0.0.0.0_${port};.downstream_rq_`;
    yield [`${prefix}total`, total];
    yield [`${prefix}http1_total`, total - http2];
    yield [`${prefix}http2_total`, http2];
    yield [`${prefix}completed`, classes.reduce((sum, one) => sum + one, 0)];
    for (const [place, value] of classes.entries()) yield [`${prefix}${place + 1}xx`, value];
  }
}
