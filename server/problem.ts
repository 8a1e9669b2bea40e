import type { ProblemView } from '#protocol';

/** A refusal that the page shows or handles: a stable code, a sentence, an HTTP status. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;

  constructor(status: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
  }
}

/** What of an error may be shown to a learner: the sentence of a `Problem`, nothing of others. */
export function toProblemView(error: unknown): ProblemView {
  if (error instanceof Problem) return { code: error.code, message: error.message };
  return { code: 'internal', message: 'The server met an error that it did not expect' };
}
