import { repositoryOf } from './images.ts';
import { debian } from './linux.ts';
import type { Program, Tool } from './program.ts';

/** As many digits as the documentation's Job asks for, and some more. */
const DIGITS_LIMIT = 5_000;
const BPI = /^print\s+bpi\((\d+)\)$/;

/** Perl as far as the Job in the Kubernetes documentation goes: it prints digits of π. */
const perl: Tool = async (args) => {
  const [, digits] = BPI.exec(args.at(-1) ?? '') ?? [];
  const isAsked = args.includes('-Mbignum=bpi') && Number(digits) <= DIGITS_LIMIT;
  if (isAsked) return { stdout: `${digitsOfPi(Number(digits))}\n`, stderr: '', exitCode: 0 };
  const stderr = `perl: the Regatta simulator only runs -Mbignum=bpi -wle 'print bpi(N)', N up to ${DIGITS_LIMIT}\n`;
  return { stdout: '', stderr, exitCode: 2 };
};

/** The image of "Running an example Job". */
export const perlImage: Program = {
  ...debian,
  images: ['perl'],
  matches: (image) => repositoryOf(image) === 'perl',
  tools: { perl },
};

/** π with so many digits in all, rounded, by Machin's formula. */
function digitsOfPi(digits: number): string {
  const guard = 10n ** 10n;
  const one = 10n ** BigInt(Math.max(digits, 1) - 1) * guard;
  const pi = 4n * (4n * arctanOfInverse(5n, one) - arctanOfInverse(239n, one));
  const text = String((pi + guard / 2n) / guard);
  return digits > 1 ? `${text.slice(0, 1)}.${text.slice(1)}` : text;
}

function arctanOfInverse(x: bigint, one: bigint): bigint {
  let power = one / x;
  let sum = power;
  for (let n = 3n; power !== 0n; n += 2n) {
    power /= -x * x;
    sum += power / n;
  }
  return sum;
}
