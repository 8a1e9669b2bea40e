import type { CheckResult } from '../verifier.ts';

export function passed(check: string): CheckResult {
  return { check, isPassed: true };
}

/** Not passed, and why: a key into the verifier's texts with the values for its gaps. */
export function failed(
  check: string,
  reason: string,
  params?: Readonly<Record<string, string | number>>,
): CheckResult {
  return { check, isPassed: false, reason, ...(params && { params }) };
}
