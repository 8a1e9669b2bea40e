import type { JsonObject } from '../../../kinds/object.ts';
import type { Findings } from './findings.ts';

/** The parts of an object that a check of its kind looks at. */
export interface Subject {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: JsonObject;
  /** Judges expressions of CEL; without it they pass. */
  readonly expressionProblem?: ExpressionCheck | undefined;
}

/** What is wrong with an expression of CEL, if anything. */
export type ExpressionCheck = (expression: string) => string | undefined;

/** Notes what istiod says of an object of one kind. */
export type KindCheck = (found: Findings, subject: Subject) => void;
