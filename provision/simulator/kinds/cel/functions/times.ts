/** Parts of timestamps and durations (CEL language definition, "Standard Definitions"). */
import { int, method, string, type Overload } from '../overload.ts';
import * as p from '../overload.ts';
import { EvaluationError, type Duration, type Timestamp } from '../value.ts';

/** A time of day in a zone, as a Date whose UTC parts are those of the zone. */
type Read = (local: Date) => number;

const PARTS: Readonly<Record<string, Read>> = {
  getFullYear: (local) => local.getUTCFullYear(),
  getMonth: (local) => local.getUTCMonth(),
  getDate: (local) => local.getUTCDate(),
  getDayOfMonth: (local) => local.getUTCDate() - 1,
  getDayOfWeek: (local) => local.getUTCDay(),
  getDayOfYear: (local) =>
    Math.floor((local.getTime() - Date.UTC(local.getUTCFullYear(), 0, 1)) / 86_400_000),
  getHours: (local) => local.getUTCHours(),
  getMinutes: (local) => local.getUTCMinutes(),
  getSeconds: (local) => local.getUTCSeconds(),
  getMilliseconds: (local) => local.getUTCMilliseconds(),
};

const DURATION_PARTS: Readonly<Record<string, bigint>> = {
  getHours: 3_600_000_000_000n,
  getMinutes: 60_000_000_000n,
  getSeconds: 1_000_000_000n,
};

export const times: readonly Overload[] = [
  ...Object.entries(PARTS).flatMap(([name, read]) => [
    method(name, [p.timestamp], int, (time) => BigInt(read(inZone(time, 'UTC')))),
    method(name, [p.timestamp, string], int, (time, zone) => BigInt(read(inZone(time, zone)))),
  ]),
  ...Object.entries(DURATION_PARTS).map(([name, unit]) =>
    method(name, [p.duration], int, ({ nanos }: Duration) => nanos / unit),
  ),
  method(
    'getMilliseconds',
    [p.duration],
    int,
    ({ nanos }: Duration) => (nanos % 1_000_000_000n) / 1_000_000n,
  ),
];

function inZone({ nanos }: Timestamp, zone: string): Date {
  const ms = Number(nanos / 1_000_000n);
  return new Date(ms + offsetMs(ms, zone));
}

function offsetMs(ms: number, zone: string): number {
  if (zone === 'UTC') return 0;
  const [, sign, hours, minutes] = /^([+-]?)(\d\d):(\d\d)$/.exec(zone) ?? [];
  if (hours !== undefined && minutes !== undefined) {
    const size = (Number(hours) * 60 + Number(minutes)) * 60_000;
    return sign === '-' ? -size : size;
  }
  return zoneOffsetMs(ms, zone);
}

function zoneOffsetMs(ms: number, zone: string): number {
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    const name = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours = '0', minutes = '0'] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
    const size = (Number(hours) * 60 + Number(minutes)) * 60_000;
    return sign === '-' ? -size : size;
  } catch {
    throw new EvaluationError(`unknown time zone ${zone}`);
  }
}
