/** Durations as tables show them (apimachinery, util/duration: HumanDuration). */

const SECOND_MS = 1_000;

/** The time from `timestamp` (RFC 3339) to `nowMs` as an Age cell. */
export function age(timestamp: string | undefined, nowMs: number): string {
  if (timestamp === undefined || timestamp === '') return '<unknown>';
  return humanDuration(nowMs - Date.parse(timestamp));
}

/** `95s`, `3m5s`, `44m`, `5h12m`, `3d4h`: at most two units, the second only while it says something. */
export function humanDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / SECOND_MS);
  if (seconds < -1 || Number.isNaN(seconds)) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 2 * 60) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return twoUnits([minutes, 'm'], [seconds % 60, 's']);
  if (minutes < 3 * 60) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return twoUnits([hours, 'h'], [minutes % 60, 'm']);
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (days < 8) return twoUnits([days, 'd'], [hours % 24, 'h']);
  if (days < 2 * 365) return `${days}d`;
  const years = Math.trunc(days / 365);
  return years < 8 ? twoUnits([years, 'y'], [days % 365, 'd']) : `${years}y`;
}

type Amount = readonly [number, string];

function twoUnits([large, largeUnit]: Amount, [small, smallUnit]: Amount): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}
