import type { Container, PodSpec } from '../../kinds/types/core.ts';
import { quantityValue } from '../../kinds/values/quantity.ts';

/** Amounts by resource: cores, bytes, pieces. */
export type Amounts = ReadonlyMap<string, number>;

/** Pods keep their spec for as long as they keep their requests. */
const known = new WeakMap<PodSpec, Amounts>();

/**
 * What a pod asks for: its containers and sidecars together or, when that is more, an init container with the sidecars
 * before it; and the overhead of its runtime (Kubernetes documentation, "Init Containers": resource sharing).
 */
export function requestsOf(spec: PodSpec): Amounts {
  const cached = known.get(spec);
  if (cached) return cached;
  const total = computeRequests(spec);
  known.set(spec, total);
  return total;
}

function computeRequests({ containers, initContainers = [], overhead = {} }: PodSpec): Amounts {
  const sidecars: Container[] = [];
  const peaks = initContainers.map((container) => {
    if (container.restartPolicy === 'Always') sidecars.push(container);
    return sumOf(container.restartPolicy === 'Always' ? sidecars : [...sidecars, container]);
  });
  const steady = sumOf([...sidecars, ...containers]);
  const total = new Map<string, number>();
  for (const [resource, amount] of [steady, ...peaks].flatMap((one) => [...one])) {
    total.set(resource, Math.max(total.get(resource) ?? 0, amount));
  }
  for (const [resource, quantity] of Object.entries(overhead)) {
    total.set(resource, (total.get(resource) ?? 0) + quantityValue(quantity));
  }
  return total;
}

function sumOf(containers: readonly Container[]): Amounts {
  const sums = new Map<string, number>();
  for (const [resource, amount] of containers.flatMap(requests)) {
    sums.set(resource, (sums.get(resource) ?? 0) + amount);
  }
  return sums;
}

function requests({ resources }: Container): readonly (readonly [string, number])[] {
  const asked = { ...resources?.limits, ...resources?.requests };
  return Object.entries(asked).map(([name, quantity]) => [name, quantityValue(quantity)] as const);
}
