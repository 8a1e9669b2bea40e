import { isObject, listAt, numberAt, objectAt } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';
import { CommandError } from '../../cli/command.ts';
import { table } from '../../terminal/table.ts';
import { chainsOf, destinationOf, matchOf } from './filter-chains.ts';
import { isLike } from './filter.ts';

/** What `pc listener` may be narrowed to; empty, or 0, means any. */
export interface ListenerFilter {
  readonly address: string;
  readonly port: number;
  /** HTTP, TCP, HTTP+TCP or UNKNOWN, in any case. */
  readonly type: string;
}

const PADDING = 1;

/**
 * The listeners of the dump's part, in its order.
 * @throws CommandError when there is none
 */
export function listenersOf(part: JsonObject, filter: ListenerFilter): readonly JsonObject[] {
  const all = [
    ...listAt(part, 'dynamic_listeners').map((entry) =>
      objectAt(entry, 'active_state', 'listener'),
    ),
    ...listAt(part, 'static_listeners').map((entry) => objectAt(entry, 'listener')),
  ].filter((listener) => Object.keys(listener).length > 0);
  if (all.length === 0) throw new CommandError('no listeners found');
  return all.filter((listener) => isWanted(listener, filter));
}

function isWanted(listener: JsonObject, { address, port, type }: ListenerFilter): boolean {
  return (
    addressesOf(listener).some((own) => isLike(address, own)) &&
    (port === 0 || portOf(listener) === port) &&
    isLike(type, typeOf(listener))
  );
}

/** How a table of listeners looks. */
export interface ListenerTable {
  /** A line for each filter chain; else one for each listener. */
  readonly isVerbose: boolean;
  /** `listener/…` first, as `pc all` writes it. */
  readonly isTyped?: boolean;
}

/** The table of `proxy-config listeners`, by port. */
export function listenerTable(
  listeners: readonly JsonObject[],
  { isVerbose, isTyped = false }: ListenerTable,
): string {
  const head = ['ADDRESSES', 'PORT', ...(isVerbose ? ['MATCH', 'DESTINATION'] : ['TYPE'])];
  const rows = listeners.toSorted(byPort).flatMap((listener) => {
    const place = [addressesOf(listener).join(','), String(portOf(listener))];
    const named = isTyped ? [`listener/${textAt(listener, 'name')}`, ...place] : place;
    if (!isVerbose) return [[...named, typeOf(listener)]];
    return chainsOf(listener)
      .map((chain) => ({
        match: matchOf(objectAt(chain, 'filter_chain_match')),
        destination: destinationOf(listAt(chain, 'filters')),
      }))
      .toSorted((one, other) => (one.destination > other.destination ? -1 : 1))
      .map(({ match, destination }) => [...named, match, destination]);
  });
  return table([isTyped ? ['NAME', ...head] : head, ...rows], PADDING);
}

function byPort(one: JsonObject, other: JsonObject): number {
  const first = addressOf(one);
  const second = addressOf(other);
  if (portOf(one) !== portOf(other)) return portOf(one) - portOf(other);
  if (first !== second) return first < second ? -1 : 1;
  return typeOf(one) < typeOf(other) ? -1 : 1;
}

function addressOf(listener: Json): string {
  return (
    textAt(listener, 'address', 'socket_address', 'address') ||
    textAt(listener, 'address', 'pipe', 'path')
  );
}

function addressesOf(listener: Json): readonly string[] {
  const more = listAt(listener, 'additional_addresses').map((entry) =>
    textAt(entry, 'address', 'socket_address', 'address'),
  );
  return [addressOf(listener), ...more];
}

function portOf(listener: Json): number {
  return numberAt(listener, 'address', 'socket_address', 'port_value') ?? 0;
}

function typeOf(listener: JsonObject): string {
  const filters = chainsOf(listener).flatMap((chain) => listAt(chain, 'filters').filter(isObject));
  const isHttp = filters.some((filter) => isNamed(filter, 'http_connection_manager'));
  const isTcp = filters.some(
    (filter) =>
      isNamed(filter, 'tcp_proxy') &&
      textAt(filter, 'typed_config', 'cluster') !== 'BlackHoleCluster',
  );
  if (isHttp) return isTcp ? 'HTTP+TCP' : 'HTTP';
  return isTcp ? 'TCP' : 'UNKNOWN';
}

function isNamed(filter: JsonObject, name: string): boolean {
  return textAt(filter, 'name') === `envoy.filters.network.${name}`;
}
