import { isObject, listAt } from '../../../../kinds/json.ts';
import type { Json } from '../../../../kinds/object.ts';
import { covers, fullHost } from '../../../../mesh/hosts.ts';
import { textAt, textsAt } from '../../../install/tree.ts';
import type { Analyzed, World } from './world.ts';

const ALL_NAMESPACES = '*';

/** `namespace/name` of the Service that a host of an object of `namespace` means. */
export function serviceNameOf(host: string, namespace: string): string {
  const [, name, within] = /^(.+)\.([^.]+)\.svc\.cluster\.local$/.exec(host) ?? [];
  return name === undefined ? `${namespace}/${host}` : `${within}/${name}`;
}

/** What stands behind a host: a Service, or a ServiceEntry. */
export interface KnownHost {
  /** Port numbers. */
  readonly ports: readonly number[];
  /** Labels of the pods that a ServiceEntry selects. */
  readonly selector: Readonly<Record<string, string>>;
}

/** All hosts of the mesh, and from which namespaces each is seen. */
export class Hosts {
  /** By `namespace/host`; namespace `*` for those seen everywhere. */
  readonly #known = new Map<string, KnownHost>();

  constructor(world: World) {
    for (const entry of world.all('ServiceEntry')) this.#addEntry(entry);
    for (const service of world.all('Service')) {
      const known = { ports: portsOf(service, 'port'), selector: {} };
      const exported = service.annotations['networking.istio.io/exportTo'] ?? '';
      const scopes = exported === '' ? [ALL_NAMESPACES] : exported.split(',');
      for (const scope of scopes) {
        const where = scope.trim() === '.' ? service.namespace : scope.trim();
        this.#known.set(`${where}/${fullHost(service.name, service.namespace)}`, known);
      }
    }
  }

  /** What a host written in an object means, if anything; `exportTo` is the object's own. */
  find(host: string, namespace: string, exportTo: readonly Json[]): KnownHost | undefined {
    const full = fullHost(host, namespace);
    const scopes = exportTo.map((scope) => (scope === '.' ? namespace : textAt(scope)));
    for (const scope of [ALL_NAMESPACES, ...(scopes.length === 0 ? [namespace] : scopes)]) {
      const known = this.#known.get(`${scope}/${full}`);
      if (known) return known;
    }
    return this.#wildcard(host, namespace);
  }

  #wildcard(host: string, namespace: string): KnownHost | undefined {
    const bare = host.startsWith('*') ? host.slice(1) : host;
    for (const [key, known] of this.#known) {
      const slash = key.indexOf('/');
      const scope = key.slice(0, slash);
      const pattern = key.slice(slash + 1);
      const isSeen = scope === ALL_NAMESPACES || scope === namespace;
      if (isSeen && covers(pattern, bare)) return known;
    }
    return undefined;
  }

  #addEntry(entry: Analyzed): void {
    const known = {
      ports: portsOf(entry, 'number'),
      selector: textsAt(entry.object, 'spec', 'workloadSelector', 'labels'),
    };
    const exported = listAt(entry.object, 'spec', 'exportTo').map((scope) => textAt(scope));
    const isEverywhere = exported.length === 0 || exported.includes(ALL_NAMESPACES);
    const scopes = isEverywhere ? [ALL_NAMESPACES] : exported;
    for (const host of listAt(entry.object, 'spec', 'hosts')) {
      for (const scope of scopes) {
        const where = scope === '.' ? entry.namespace : scope;
        this.#known.set(`${where}/${fullHost(textAt(host), entry.namespace)}`, known);
      }
    }
  }
}

function portsOf({ object }: Analyzed, field: 'port' | 'number'): readonly number[] {
  return listAt(object, 'spec', 'ports')
    .filter(isObject)
    .map((port) => Number(textAt(port, field)));
}
