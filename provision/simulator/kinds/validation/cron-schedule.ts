/** What cron (github.com/robfig/cron, ParseStandard) has against a schedule, in its words; empty when it can be read. */
export function scheduleProblem(schedule: string): string {
  if (schedule.startsWith('@')) return descriptorProblem(schedule);
  const fields = schedule.split(/\s+/).filter((part) => part !== '');
  if (fields.length !== BOUNDS.length) {
    return `expected exactly ${BOUNDS.length} fields, found ${fields.length}: [${fields.join(' ')}]`;
  }
  for (const [i, bounds] of BOUNDS.entries()) {
    for (const part of (fields[i] ?? '').split(',')) {
      const problem = rangeProblem(part, bounds);
      if (problem !== '') return problem;
    }
  }
  return '';
}

interface Bounds {
  readonly from: number;
  readonly to: number;
  readonly names: readonly string[];
}

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const DAYS = 'sun mon tue wed thu fri sat'.split(' ');

const BOUNDS: readonly Bounds[] = [
  { from: 0, to: 59, names: [] },
  { from: 0, to: 23, names: [] },
  { from: 1, to: 31, names: [] },
  { from: 1, to: 12, names: ['', ...MONTHS] },
  { from: 0, to: 6, names: DAYS },
];

const DESCRIPTORS = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/;

function descriptorProblem(schedule: string): string {
  if (DESCRIPTORS.test(schedule)) return '';
  const every = /^@every (.*)$/.exec(schedule)?.[1];
  if (every === undefined) return `unrecognized descriptor: ${schedule}`;
  if (/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(every)) return '';
  const quoted = JSON.stringify(every);
  const why = /\d$/.test(every)
    ? `missing unit in duration ${quoted}`
    : `invalid duration ${quoted}`;
  return `failed to parse duration ${schedule}: time: ${why}`;
}

function rangeProblem(expression: string, bounds: Bounds): string {
  const [range = '', stepText, ...moreSteps] = expression.split('/');
  if (moreSteps.length > 0) return `too many slashes: ${expression}`;
  const ends = endsOf(range, stepText !== undefined, bounds);
  if (typeof ends === 'string') return ends;
  const step = stepText === undefined ? 1 : numberOf(stepText, []);
  return typeof step === 'string' ? step : boundsProblem({ ...ends, step }, expression, bounds);
}

/** Both ends of a range, or what is wrong with one; one that is repeated in steps is open. */
function endsOf(
  range: string,
  isRepeated: boolean,
  { from, to, names }: Bounds,
): { readonly start: number; readonly end: number } | string {
  const [low = '', high, ...more] = range.split('-');
  if (low === '*' || low === '?') return { start: from, end: to };
  if (more.length > 0) return `too many hyphens: ${range}`;
  const start = numberOf(low, names);
  if (typeof start === 'string') return start;
  if (high === undefined) return { start, end: isRepeated ? to : start };
  const end = numberOf(high, names);
  return typeof end === 'string' ? end : { start, end };
}

function boundsProblem(
  { start, end, step }: { readonly start: number; readonly end: number; readonly step: number },
  expression: string,
  { from, to }: Bounds,
): string {
  if (start < from) return `beginning of range (${start}) below minimum (${from}): ${expression}`;
  if (end > to) return `end of range (${end}) above maximum (${to}): ${expression}`;
  if (start > end) {
    return `beginning of range (${start}) beyond end of range (${end}): ${expression}`;
  }
  return step === 0 ? `step of range should be a positive number: ${expression}` : '';
}

/** The number or what is wrong with it. */
function numberOf(text: string, names: readonly string[]): number | string {
  const index = text === '' ? -1 : names.indexOf(text.toLowerCase());
  if (index >= 0) return index;
  if (!/^[+-]?\d+$/.test(text)) {
    return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
  }
  const number = Number(text);
  return number < 0 ? `negative number (${number}) not allowed: ${text}` : number;
}
