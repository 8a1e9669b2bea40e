import type { Frame, Run } from './frame.ts';
import type { CelType } from './type.ts';
import { EvaluationError, type CelValue } from './value.ts';

/** A checked part of an expression. */
export interface Typed {
  readonly type: CelType;
  readonly run: Run;
  /** The value, when it is written in the expression. */
  readonly constant?: CelValue;
}

/** Variables that macros bind, innermost first. */
export type Scope =
  | {
      readonly name: string;
      readonly type: CelType;
      readonly slot: number;
      readonly outer: Scope;
    }
  | undefined;

/** The value, or the error that evaluation ended with. */
export function attempt(run: Run, frame: Frame): CelValue | EvaluationError {
  try {
    return run(frame);
  } catch (error) {
    if (error instanceof EvaluationError) return error;
    throw error;
  }
}
