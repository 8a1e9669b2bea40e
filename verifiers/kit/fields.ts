/** What lies at a path inside plain JSON; undefined when it leads nowhere. */
export function field(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Object.entries(current).find(([key]) => key === name)?.[1];
  }
  return current;
}

/** The list at a path; empty when there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = field(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The string at a path. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = field(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** The number at a path; 0 when there is none, as counts in a Kubernetes status are left out when they are 0. */
export function countAt(value: unknown, ...path: readonly string[]): number {
  const found = field(value, ...path);
  return typeof found === 'number' ? found : 0;
}
