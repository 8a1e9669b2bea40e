import { matchesLabels } from '../../../kinds/selectors/labels.ts';
import { fullHost } from '../../hosts.ts';
import type { DestinationRule } from '../../istio/destination-rule.ts';
import type { ProxyNode } from '../node.ts';
import type { MeshSnapshot } from '../snapshot.ts';
import { HostTable } from './host-table.ts';
import { isExported } from './visibility.ts';

/** The rules with a workloadSelector that choose a proxy; they are for proxies of their own namespace alone. */
export function selectingRules(
  { destinationRules }: MeshSnapshot,
  { namespace, labels }: Pick<ProxyNode, 'namespace' | 'labels'>,
): readonly DestinationRule[] {
  return destinationRules.filter(
    (rule) =>
      hasSelector(rule) &&
      rule.metadata.namespace === namespace &&
      matchesLabels(rule.spec?.workloadSelector?.matchLabels, labels),
  );
}

function hasSelector({ spec }: DestinationRule): boolean {
  return Object.keys(spec?.workloadSelector?.matchLabels ?? {}).length > 0;
}

/** DestinationRules as the proxies of a namespace see them. */
export class RuleTable {
  readonly #mesh: MeshSnapshot;
  readonly #namespace: string;
  readonly #selecting: readonly DestinationRule[];
  readonly #found = new Map<string, readonly DestinationRule[]>();
  #tables: ReadonlyMap<string, HostTable<DestinationRule[]>> | undefined;

  constructor(mesh: MeshSnapshot, namespace: string, selecting: readonly DestinationRule[]) {
    this.#mesh = mesh;
    this.#namespace = namespace;
    this.#selecting = selecting;
  }

  /**
   * The rules for a service's host, oldest first: those of the client's namespace, else of the service's, else of the root namespace;
   * among them those for the most specific host, and of these one that selects the client alone.
   */
  find(host: string, serviceNamespace: string): readonly DestinationRule[] {
    const key = `${host} ${serviceNamespace}`;
    let rules = this.#found.get(key);
    if (!rules) {
      rules = this.#lookUp(host, serviceNamespace);
      this.#found.set(key, rules);
    }
    return rules;
  }

  #lookUp(host: string, serviceNamespace: string): readonly DestinationRule[] {
    this.#tables ??= this.#index();
    const { rootNamespace } = this.#mesh.config;
    // Rules of the root namespace come last even for its own proxies, so that they do not hide those of services.
    const own = this.#namespace === rootNamespace ? [] : [this.#namespace];
    for (const namespace of new Set([...own, serviceNamespace, rootNamespace])) {
      const rules = this.#tables.get(namespace)?.find(host);
      if (!rules) continue;
      const selecting = rules.find((rule) => hasSelector(rule));
      return selecting ? [selecting] : rules;
    }
    return [];
  }

  #index(): ReadonlyMap<string, HostTable<DestinationRule[]>> {
    const tables = new Map<string, HostTable<DestinationRule[]>>();
    const { destinationRules, config } = this.#mesh;
    for (const rule of destinationRules) {
      const { namespace = 'default' } = rule.metadata;
      const exportTo = rule.spec?.exportTo ?? config.defaultExportTo.destinationRules;
      if (!isExported(exportTo, namespace, this.#namespace)) continue;
      if (hasSelector(rule) && !this.#selecting.includes(rule)) continue;
      let table = tables.get(namespace);
      if (!table) tables.set(namespace, (table = new HostTable()));
      table.add(fullHost(rule.spec?.host ?? '', namespace), []).push(rule);
    }
    return tables;
  }
}
