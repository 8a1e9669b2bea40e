/** An installation that cannot be described: the sentence says which part and why. */
export class OperatorError extends Error {
  readonly code = 'operator';
}
