import type { L4Match, VirtualService } from '../../istio/virtual-service.ts';
import type { Client } from './outbound-listeners.ts';
import type { Scope } from './scope.ts';

/** What is made once for all proxies that would get the same. */
export class Shared<T> {
  readonly #made = new WeakMap<object, Map<string, T>>();

  of(client: Client, key: string, make: () => T): T {
    const owner = isSameForAll(client.scope) ? client.scope : client;
    let made = this.#made.get(owner);
    if (!made) this.#made.set(owner, (made = new Map()));
    let value = made.get(key);
    if (value === undefined) {
      value = make();
      made.set(key, value);
    }
    return value;
  }
}

/** Gateways differ by the servers that they are bound to, sidecars by what looks at their labels. */
function isSameForAll({ viewer, mesh }: Scope): boolean {
  return (
    viewer.type === 'sidecar' &&
    mesh.envoyFilters.length === 0 &&
    !looksAtLabels(mesh.virtualServices)
  );
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
