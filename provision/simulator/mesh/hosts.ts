/** The full name of a host as written in an object of `namespace`: short names belong to that namespace. */
export function fullHost(host: string, namespace: string): string {
  return host.includes('.') || host.startsWith('*')
    ? host
    : `${host}.${namespace}.svc.cluster.local`;
}

/** Whether a wildcard stands for a host: `*.local` for all that end in `.local`, `*` for all. */
export function covers(pattern: string, host: string): boolean {
  return pattern.startsWith('*') && host.endsWith(pattern.slice(1));
}

/** Whether a pattern is the host itself or stands for it. */
export function matchesHost(pattern: string, host: string): boolean {
  return pattern === host || covers(pattern, host);
}

/** Whether some host fits both patterns. */
export function overlaps(one: string, other: string): boolean {
  return matchesHost(one, other) || matchesHost(other, one);
}

/** More specific first: names, then long wildcards, then short ones, `*` last. */
export function bySpecificity(one: string, other: string): number {
  return specificity(other) - specificity(one);
}

function specificity(pattern: string): number {
  return pattern.startsWith('*') ? pattern.length - 1_000 : pattern.length;
}
