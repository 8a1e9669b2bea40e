import type { ProblemView } from '#protocol';

/** A request that was refused or never arrived; `code` is `offline` when there was no answer at all. */
export class ProblemError extends Error {
  readonly problem: ProblemView;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;

  constructor(problem: ProblemView, status: number) {
    super(problem.message);
    this.name = 'ProblemError';
    this.problem = problem;
    this.status = status;
  }
}

/** Whatever was thrown, as a problem that can be shown. */
export function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  return new ProblemError({ code: 'unexpected', message: String(error) }, 0);
}

/** @throws {ProblemError} */
export function getJson<T>(address: string, signal: AbortSignal): Promise<T> {
  return request<T>(address, { signal });
}

/** @throws {ProblemError} */
export function postJson<T>(address: string, body: unknown, signal: AbortSignal): Promise<T> {
  return request<T>(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  });
}

/** A request of any kind; a Blob goes as it is, other bodies as JSON. @throws {ProblemError} */
export function requestJson<T>(
  address: string,
  { method, body }: { readonly method: string; readonly body?: unknown },
): Promise<T> {
  if (body === undefined) return request<T>(address, { method });
  if (body instanceof Blob) {
    const headers = { 'content-type': 'application/octet-stream' };
    return request<T>(address, { method, headers, body });
  }
  const headers = { 'content-type': 'application/json' };
  return request<T>(address, { method, headers, body: JSON.stringify(body) });
}

async function request<T>(address: string, init: RequestInit): Promise<T> {
  const response = await send(address, init);
  if (!response.ok) throw await refusal(response);
  // Trusted as it comes: the server that serves this page compiles the same types.
  const body: T = response.status === 204 ? undefined : await response.json();
  return body;
}

async function refusal(response: Response): Promise<ProblemError> {
  const body: unknown = await response.json().catch(() => undefined);
  const problem = isProblem(body) ? body : { code: 'unreadable', message: response.statusText };
  return new ProblemError(problem, response.status);
}

async function send(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, { credentials: 'same-origin', ...init });
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new ProblemError({ code: 'offline', message: '' }, 0);
  }
}

function isProblem(body: unknown): body is ProblemView {
  return (
    typeof body === 'object' &&
    body !== null &&
    'code' in body &&
    typeof body.code === 'string' &&
    'message' in body &&
    typeof body.message === 'string'
  );
}
