import type { L4Match, VirtualService } from '../../istio/virtual-service.ts';
import type { Client } from './outbound-listeners.ts';

/** What is made once for all proxies that would get the same, and kept as long as what it is made from stays the same. */
export class Shared<T> {
  readonly #made = new WeakMap<object, Map<string, T>>();

  /**
   * @param since what `make` looks at: the same object as long as that has not changed
   * @param key what is made, and for whom if not for all proxies of a scope
   */
  of(since: object, key: string, make: () => T): T {
    let made = this.#made.get(since);
    if (!made) this.#made.set(since, (made = new Map()));
    let value = made.get(key);
    if (value === undefined) {
      value = make();
      made.set(key, value);
    }
    return value;
  }
}

/** Whom a sidecar shares its listeners and routes with: all of its scope, or nobody where something looks at its labels. */
export function sharers({ scope, node }: Client): string {
  const { envoyFilters, virtualServices } = scope.mesh;
  const isAlone = envoyFilters.length > 0 || looksAtLabels(virtualServices);
  return isAlone ? `${scope.key} ${node.namespace}/${node.name}` : scope.key;
}

const answers = new WeakMap<readonly VirtualService[], boolean>();

function looksAtLabels(services: readonly VirtualService[]): boolean {
  let answer = answers.get(services);
  if (answer === undefined) {
    answer = services.some(({ spec }) =>
      [...(spec?.http ?? []), ...(spec?.tls ?? []), ...(spec?.tcp ?? [])].some(({ match = [] }) =>
        match.some(({ sourceLabels }: Pick<L4Match, 'sourceLabels'>) => sourceLabels),
      ),
    );
    answers.set(services, answer);
  }
  return answer;
}
