import { listAt, objectAt, stringAt } from '../json.ts';
/** What a pod asks for as a whole (Kubernetes documentation, "Resource Management for Pods and Containers" and "Sidecar Containers"). */
import type { Json } from '../object.ts';
import { compareQuantities, sumQuantities } from '../values/quantity.ts';

/** Quantities by resource. */
export type Amounts = Readonly<Record<string, string>>;

/** `requests` or `limits` of one container. */
export function amountsOf(container: unknown, list: 'requests' | 'limits'): Amounts {
  const amounts: Record<string, string> = {};
  for (const [name, amount] of Object.entries(objectAt(container, 'resources', list))) {
    if (typeof amount === 'string' || typeof amount === 'number') amounts[name] = String(amount);
  }
  return amounts;
}

/** Requests or limits of the whole pod: its containers together, or an init container that needs more, and the overhead. */
export function podAmounts(pod: unknown, list: 'requests' | 'limits'): Amounts {
  const spec = objectAt(pod, 'spec');
  let sidecars: Amounts = {};
  let peak: Amounts = {};
  for (const container of listAt(spec, 'initContainers')) {
    const own = amountsOf(container, list);
    const total = sum(sidecars, own);
    if (isSidecar(container)) sidecars = total;
    peak = larger(peak, total);
  }
  const running = listAt(spec, 'containers').reduce<Amounts>(
    (total, container) => sum(total, amountsOf(container, list)),
    sidecars,
  );
  const together = larger(running, peak);
  const whole = { ...together, ...amountsOf(spec, list) };
  const overhead = amountsOf({ resources: { [list]: spec['overhead'] ?? {} } }, list);
  // A limit that nobody set stays unset, whatever the runtime needs.
  const added = Object.entries(overhead).filter(([name]) => list === 'requests' || name in whole);
  return sum(whole, Object.fromEntries(added));
}

/** Containers of all three kinds, in the order in which upstream visits them. */
export function allContainers(spec: unknown): readonly Json[] {
  return [
    ...listAt(spec, 'initContainers'),
    ...listAt(spec, 'containers'),
    ...listAt(spec, 'ephemeralContainers'),
  ];
}

function isSidecar(container: Json): boolean {
  return stringAt(container, 'restartPolicy') === 'Always';
}

function sum(left: Amounts, right: Amounts): Amounts {
  return combine(left, right, (one, other) => sumQuantities([one, other]));
}

function larger(left: Amounts, right: Amounts): Amounts {
  return combine(left, right, (one, other) => (compareQuantities(one, other) < 0 ? other : one));
}

function combine(
  left: Amounts,
  right: Amounts,
  pair: (one: string, other: string) => string,
): Amounts {
  const all = { ...left };
  for (const [name, amount] of Object.entries(right)) {
    const known = all[name];
    all[name] = known === undefined ? amount : pair(known, amount);
  }
  return all;
}
