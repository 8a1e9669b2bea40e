import type { ClusterClient } from '../../../client/client.ts';
import { serviceEntries } from '../../istio/resources.ts';
import type { ServiceEntry } from '../../istio/service-entry.ts';

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
  readonly #watch: Disposable;
  /** By entry: `namespace/name`. */
  readonly #taken = new Map<string, readonly number[]>();

  constructor(client: ClusterClient) {
    this.#client = client;
    this.#watch = client.watch(serviceEntries, ({ type, object }) => {
      const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
      if (type === 'DELETED') this.#taken.delete(key);
      else this.#see(key, object);
    });
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }

  #see(key: string, entry: ServiceEntry): void {
    const given = entry.status?.addresses ?? [];
    const offsets = given.flatMap(({ value }) => offsetOf(value) ?? []);
    if (offsets.length > 0) this.#taken.set(key, offsets);
    const hosts = hostsWithout(entry);
    if (hosts.length === 0) return;
    const addresses = hosts.flatMap((host) => {
      const offset = this.#next();
      if (offset === undefined) return [];
      this.#taken.set(key, [...(this.#taken.get(key) ?? []), offset]);
      return [
        { host, value: addressAt(offset) },
        { host, value: `2001:2::${offset.toString(16)}` },
      ];
    });
    const { name, namespace } = entry.metadata;
    const target = { name, ...(namespace !== undefined && { namespace }) };
    const status = { addresses: [...given, ...addresses] };
    this.#client
      .patch(serviceEntries, target, { status }, { subresource: 'status' })
      // Gone, or changed by somebody else: the next event tells.
      .catch(() => this.#taken.set(key, offsets));
  }

  #next(): number | undefined {
    const taken = new Set([...this.#taken.values()].flat());
    for (let offset = 1; offset <= LAST_OFFSET; offset++) if (!taken.has(offset)) return offset;
    return undefined;
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
