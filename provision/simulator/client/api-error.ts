/** A `Status` of kind Failure as the Kubernetes API returns it (apimachinery, `metav1.Status`). */
export interface StatusBody {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  /** Holds the token for the rest of a list whose state is no longer known. */
  readonly metadata: { readonly continue?: string };
  readonly status: 'Failure';
  readonly message: string;
  /** `NotFound`, `AlreadyExists`, `Conflict`, `Invalid`, `BadRequest`, `Forbidden` …; absent when the server has none. */
  readonly reason?: string;
  readonly details?: StatusDetails;
  /** HTTP status. */
  readonly code: number;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly {
    readonly reason?: string;
    readonly message?: string;
    readonly field?: string;
  }[];
  readonly retryAfterSeconds?: number;
}

/** A refusal by the API server. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  toStatus(): StatusBody {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason !== '' && { reason: this.reason }),
      ...(this.details && { details: this.details }),
      code: this.code,
    };
  }
}

/** Whether `error` is the API server's answer for something that does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'NotFound';
}

/** Whether `error` says that somebody else has made the object. */
export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'AlreadyExists';
}

/** Whether `error` says that the object has changed since it was read. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'Conflict';
}
