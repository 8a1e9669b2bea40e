export type Level = 'Error' | 'Warning' | 'Info';

/** Worst first. */
export const LEVELS: readonly Level[] = ['Error', 'Warning', 'Info'];

const ERRORS = [1, 101, 106, 109, 110, 111, 112, 126, 139, 141, 142, 143, 145, 147, 149, 152, 153];
const MORE_ERRORS = [154, 156, 159, 160, 161, 173];
const INFOS = [102, 118, 131, 135, 136, 148, 164];
const ERROR_NUMBERS: ReadonlySet<number> = new Set([...ERRORS, ...MORE_ERRORS]);
const INFO_NUMBERS: ReadonlySet<number> = new Set(INFOS);
/** Numbers between the first and the last that no message has. */
const UNUSED: ReadonlySet<number> = new Set([
  104, 105, 113, 114, 115, 117, 119, 120, 121, 122, 124,
]);
const LAST = 176;

/** How bad a message is, by its code (Istio's page "Analyzer Messages"). */
export function levelOf(code: string): Level {
  const number = numberOf(code);
  if (ERROR_NUMBERS.has(number)) return 'Error';
  return INFO_NUMBERS.has(number) ? 'Info' : 'Warning';
}

/** Whether Istio has a message of that code. */
export function isKnownCode(code: string): boolean {
  const number = numberOf(code);
  return number === 1 || number === 2 || (number > 100 && number <= LAST && !UNUSED.has(number));
}

function numberOf(code: string): number {
  return /^IST\d{4}$/.test(code) ? Number(code.slice(3)) : 0;
}
