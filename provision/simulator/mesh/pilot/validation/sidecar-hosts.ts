import { stringsAt } from '../../../kinds/json.ts';
import type { Json } from '../../../kinds/object.ts';
import type { Findings } from './findings.ts';
import { checkNamespacedHost, cut } from './names.ts';

/** What a Sidecar's listener reaches, `namespace/host` each; said twice is warned of. */
export function checkEgressHosts(found: Findings, value: Json | undefined, namespace: string) {
  const hosts = stringsAt(value);
  found.errorIf(hosts.length === 0, 'sidecar: egress listener must contain at least one host');
  const named = new Map<string, Set<string>>();
  for (const text of hosts) {
    const [place, host] = cut(text, '/');
    if (host !== undefined) {
      const key = place === '.' ? namespace : place;
      const known = named.get(key) ?? new Set();
      named.set(key, known);
      const isDouble = host === '*' ? known.size > 0 : known.has(host) || known.has('*');
      found.warningIf(isDouble, `duplicated egress host: ${text}`);
      known.add(host);
    }
    checkNamespacedHost(found, text, false);
  }
  found.warningIf(
    named.get('*')?.has('*') === true && named.size > 1,
    '`*/*` host select all resources, no other hosts can be added',
  );
}
