/** Schedules in cron's syntax (Kubernetes documentation, "CronJob": schedule syntax). */

/** When something is due. */
export interface Schedule {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** Day of month and day of week are alternatives when both are given. */
  readonly isEitherDay: boolean;
  /** Set when something is due in equal distances, whatever the clock shows. */
  readonly everyMs?: number;
}

/** Text that is not a schedule. */
export class ScheduleError extends Error {
  readonly code = 'cron-schedule';
}

const MACROS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** A schedule such as 29 February comes at least once in this many days. */
const SEARCH_DAYS = 366 * 8 + 1;
const MINUTE_MS = 60_000;

/**
 * Parses five fields or a macro.
 * @throws ScheduleError for anything else
 */
export function parseSchedule(text: string): Schedule {
  if (text.startsWith(EVERY)) return every(text);
  if (text.startsWith('@') && !(text.trim() in MACROS)) {
    throw new ScheduleError(`unrecognized descriptor: ${text}`);
  }
  const fields = (MACROS[text.trim()] ?? text).trim().split(/\s+/);
  if (fields.length !== 5) {
    throw new ScheduleError(
      `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`,
    );
  }
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  const weekdays = parseField(weekday, { first: 0, last: 7, names: WEEKDAYS, base: 0 });
  return {
    minutes: parseField(minute, { first: 0, last: 59 }),
    hours: parseField(hour, { first: 0, last: 23 }),
    days: parseField(day, { first: 1, last: 31 }),
    months: parseField(month, { first: 1, last: 12, names: MONTHS, base: 1 }),
    // Sunday has two numbers.
    weekdays: new Set([...weekdays].map((number) => number % 7)),
    isEitherDay: !isOpen(day) && !isOpen(weekday),
  };
}

const EVERY = '@every ';
const NEVER: ReadonlySet<number> = new Set();
const UNITS_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: MINUTE_MS, s: 1_000 };

/** `@every 1h30m`: Go's durations, in whole seconds. */
function every(text: string): Schedule {
  const duration = text.slice(EVERY.length).trim();
  if (!/^([0-9]+(\.[0-9]+)?[hms])+$/.test(duration)) {
    throw new ScheduleError(
      `failed to parse duration ${text}: time: invalid duration ${JSON.stringify(duration)}`,
    );
  }
  const parts = duration.match(/[0-9.]+[hms]/g) ?? [];
  const sumMs = parts.reduce((sum, part) => {
    return sum + Number(part.slice(0, -1)) * (UNITS_MS[part.slice(-1)] ?? 0);
  }, 0);
  return {
    minutes: NEVER,
    hours: NEVER,
    days: NEVER,
    months: NEVER,
    weekdays: NEVER,
    isEitherDay: false,
    everyMs: Math.max(1_000, Math.floor(sumMs / 1_000) * 1_000),
  };
}

/**
 * The first time after `afterMs` at which the schedule is due, in milliseconds since the epoch; undefined when it never is.
 * @param timeZone an IANA name; default UTC
 * @throws RangeError for a time zone nobody knows
 */
export function nextTime(
  schedule: Schedule,
  afterMs: number,
  timeZone?: string,
): number | undefined {
  if (schedule.everyMs !== undefined) return afterMs + schedule.everyMs;
  const offsetAt = timeZone === undefined ? () => 0 : zoneOffset(timeZone);
  const localMs = afterMs + offsetAt(afterMs);
  const dayMs = Math.floor(localMs / DAY_MS) * DAY_MS;
  for (let index = 0; index < SEARCH_DAYS; index++) {
    const startMs = dayMs + index * DAY_MS;
    if (!isDueDay(schedule, new Date(startMs))) continue;
    const found = firstOfDay(schedule, startMs, (atMs) => {
      const utcMs = toUtc(atMs, offsetAt);
      return utcMs > afterMs ? utcMs : undefined;
    });
    if (found !== undefined) return found;
  }
  return undefined;
}

const DAY_MS = 24 * 60 * MINUTE_MS;

function firstOfDay(
  { hours, minutes }: Schedule,
  startMs: number,
  accept: (atMs: number) => number | undefined,
): number | undefined {
  for (const hour of sorted(hours)) {
    for (const minute of sorted(minutes)) {
      const found = accept(startMs + (hour * 60 + minute) * MINUTE_MS);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function isDueDay({ days, months, weekdays, isEitherDay }: Schedule, date: Date): boolean {
  if (!months.has(date.getUTCMonth() + 1)) return false;
  const isDay = days.has(date.getUTCDate());
  const isWeekday = weekdays.has(date.getUTCDay());
  return isEitherDay ? isDay || isWeekday : isDay && isWeekday;
}

function sorted(numbers: ReadonlySet<number>): readonly number[] {
  return [...numbers].toSorted((a, b) => a - b);
}

/** The moment at which clocks of the zone show `localMs`; the second look is for hours around a change of the offset. */
function toUtc(localMs: number, offsetAt: (utcMs: number) => number): number {
  const guess = localMs - offsetAt(localMs);
  return localMs - offsetAt(guess);
}

function zoneOffset(timeZone: string): (utcMs: number) => number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (utcMs) => {
    const parts = new Map(
      format.formatToParts(utcMs).map(({ type, value }) => [type, Number(value)]),
    );
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    const date = Date.UTC(part('year'), part('month') - 1, part('day'));
    const time = ((part('hour') * 60 + part('minute')) * 60 + part('second')) * 1_000;
    return date + time - Math.floor(utcMs / 1_000) * 1_000;
  };
}

interface FieldRange {
  readonly first: number;
  readonly last: number;
  readonly names?: readonly string[];
  /** The number of the first name. */
  readonly base?: number;
}

function isOpen(field: string): boolean {
  return field === '*' || field === '?';
}

function parseField(field: string, range: FieldRange): ReadonlySet<number> {
  return new Set(field.split(',').flatMap((part) => parsePart(part, range)));
}

function parsePart(part: string, range: FieldRange): readonly number[] {
  const [span = '', stepText] = part.split('/');
  const step = stepText === undefined ? 1 : Number(stepText);
  if (!Number.isInteger(step) || step < 1) {
    throw new ScheduleError(`step of range should be a positive number: ${part}`);
  }
  const [from, to] = isOpen(span) ? [range.first, range.last] : parseSpan(span, range, stepText);
  if (from < range.first)
    throw new ScheduleError(`beginning of range (${from}) below minimum (${range.first}): ${part}`);
  if (to > range.last)
    throw new ScheduleError(`end of range (${to}) above maximum (${range.last}): ${part}`);
  if (from > to)
    throw new ScheduleError(`beginning of range (${from}) beyond end of range (${to}): ${part}`);
  return Array.from(
    { length: Math.floor((to - from) / step) + 1 },
    (_, index) => from + index * step,
  );
}

function parseSpan(
  span: string,
  range: FieldRange,
  step: string | undefined,
): readonly [number, number] {
  const [fromText = '', toText] = span.split('-');
  const from = parseNumber(fromText, range);
  if (toText !== undefined) return [from, parseNumber(toText, range)];
  // `5/15` means from 5 on.
  return [from, step === undefined ? from : range.last];
}

function parseNumber(text: string, { names = [], base = 0 }: FieldRange): number {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return named + base;
  if (!/^[0-9]+$/.test(text))
    throw new ScheduleError(
      `failed to parse int from ${text}: strconv.Atoi: parsing "${text}": invalid syntax`,
    );
  return Number(text);
}
