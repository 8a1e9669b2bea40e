import assert from 'node:assert/strict';

import { asJson } from '../../../kinds/json.ts';
import { expressionProblem } from './expressions.ts';
import { validate, type Verdict } from './index.ts';

/** A spec, and all that is said of it: the text of its errors, and warnings if there are any. */
export type Row = readonly [spec: object, text: string, ...warnings: readonly string[]];

/** What is said of an object `x` of the namespace `shop`. */
export function verdictOn(kind: string, spec: object, metadata: object = {}): Verdict {
  const object = { kind, metadata: { name: 'x', namespace: 'shop', ...metadata }, spec };
  return validate(asJson(object), expressionProblem);
}

/** Asserts each row, whole. */
export function assertRows(kind: string, rows: readonly Row[]): void {
  for (const [spec, text, ...warnings] of rows) {
    const verdict = verdictOn(kind, spec);
    assert.deepEqual(
      { text: verdict.text, warnings: verdict.warnings },
      { text, warnings },
      JSON.stringify(spec),
    );
  }
}

/** Several errors, or one where it is shown so, as istiod lists them. */
export function listed(...errors: readonly string[]): string {
  const count = errors.length === 1 ? '1 error' : `${errors.length} errors`;
  return `${count} occurred:\n${errors.map((error) => `\t* ${error}\n`).join('')}\n`;
}
