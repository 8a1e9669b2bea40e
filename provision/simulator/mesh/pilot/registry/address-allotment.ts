import type { ClusterClient } from '../../../client/client.ts';
import { targetOf } from '../../../controllers/controller.ts';
import { serviceEntries } from '../../istio/resources.ts';
import type { ServiceEntry } from '../../istio/service-entry.ts';
import { written } from '../written.ts';

const FIRST_V4 = 240 * 2 ** 24 + 240 * 2 ** 16;
const LAST_OFFSET = 2 ** 16 - 2;
/** An entry says whether it wants addresses. */
const LABEL = 'networking.istio.io/enable-autoallocate-ip';

/**
 * Gives hosts of ServiceEntries without addresses one of 240.240.0.0/16 and one of 2001:2::/48, in their status
 * (https://istio.io/latest/docs/ops/configuration/traffic-management/dns-proxy/#address-auto-allocation). Addresses stay with their
 * entry as long as it lives.
 */
export class AddressAllotment implements Disposable {
  readonly #client: ClusterClient;
  readonly #log: (line: string) => void;
  readonly #watch: Disposable;
  /** By entry: `namespace/name`. */
  readonly #held = new Map<string, readonly number[]>();
  readonly #taken = new Set<number>();
  /** All before it are taken. */
  #lowest = 1;

  constructor(client: ClusterClient, log: (line: string) => void) {
    this.#client = client;
    this.#log = log;
    this.#watch = client.watch(serviceEntries, ({ type, object }) => {
      const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
      if (type === 'DELETED') this.#hold(key, []);
      else this.#see(key, object);
    });
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }

  #see(key: string, entry: ServiceEntry): void {
    const given = entry.status?.addresses ?? [];
    this.#hold(
      key,
      given.flatMap(({ value }) => offsetOf(value) ?? []),
    );
    const allotted = hostsWithout(entry).flatMap((host) => {
      const offset = this.#take();
      return offset === undefined ? [] : [{ host, offset }];
    });
    if (allotted.length === 0) return;
    this.#held.set(key, [...(this.#held.get(key) ?? []), ...allotted.map(({ offset }) => offset)]);
    const addresses = allotted.flatMap(({ host, offset }) => [
      { host, value: addressAt(offset) },
      { host, value: `2001:2::${offset.toString(16)}` },
    ]);
    const status = { addresses: [...given, ...addresses] };
    const options = { subresource: 'status' } as const;
    const write = this.#client.patch(serviceEntries, targetOf(entry), { status }, options);
    void written(write, 'ip-autoallocate', this.#log);
  }

  /** What an entry has from now on, and nothing else. */
  #hold(key: string, offsets: readonly number[]): void {
    for (const offset of this.#held.get(key) ?? []) {
      this.#taken.delete(offset);
      this.#lowest = Math.min(this.#lowest, offset);
    }
    for (const offset of offsets) this.#taken.add(offset);
    if (offsets.length > 0) this.#held.set(key, offsets);
    else this.#held.delete(key);
  }

  /** The first that is free; undefined when none is. */
  #take(): number | undefined {
    while (this.#taken.has(this.#lowest)) this.#lowest++;
    if (this.#lowest > LAST_OFFSET) return undefined;
    this.#taken.add(this.#lowest);
    return this.#lowest++;
  }
}

/** Hosts of an entry that are to get an address and have none. */
function hostsWithout({ metadata, spec, status }: ServiceEntry): readonly string[] {
  const isWanted = metadata.labels?.[LABEL] !== 'false';
  const resolution = spec?.resolution ?? 'NONE';
  if (!isWanted || resolution === 'NONE' || (spec?.addresses?.length ?? 0) > 0) return [];
  const have = new Set(status?.addresses?.map(({ host }) => host));
  return (spec?.hosts ?? []).filter((host) => !host.startsWith('*') && !have.has(host));
}

function addressAt(offset: number): string {
  const number = FIRST_V4 + offset;
  return [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join('.');
}

function offsetOf(address: string): number | undefined {
  const [, third, fourth] = /^240\.240\.(\d+)\.(\d+)$/.exec(address) ?? [];
  return third === undefined ? undefined : Number(third) * 256 + Number(fourth);
}
