/** No learner can be confined here; the message says why and what to do. */
export class SandboxError extends Error {
  readonly code = 'sandbox-unavailable';
}
