import type { ProblemView } from '#protocol';

/** What a problem tells beside its sentence. */
export interface ProblemDetails extends ErrorOptions {
  readonly retryAfterSeconds?: number;
  readonly place?: number;
}

/** A refusal that the page shows or handles: a stable code, a sentence, an HTTP status. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;
  readonly place: number | undefined;

  constructor(status: number, code: string, message: string, details: ProblemDetails = {}) {
    super(message, details);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.place = details.place;
  }
}

/** What of an error may be shown to a learner: the sentence of a `Problem`, nothing of others. */
export function toProblemView(error: unknown): ProblemView {
  if (!(error instanceof Problem)) {
    return { code: 'internal', message: 'The server met an error that it did not expect' };
  }
  const { code, message, retryAfterSeconds, place } = error;
  return {
    code,
    message,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    ...(place !== undefined && { place }),
  };
}
