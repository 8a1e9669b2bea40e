/** A time as access logs have it, in UTC and without its zone: `25/Nov/2026:15:54:41`. */
export function logTime(time: Date): string {
  const [, day, month, year, clock] =
    /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(time.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${clock}`;
}
