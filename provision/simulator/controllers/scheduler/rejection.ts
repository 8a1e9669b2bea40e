/** Why a node will not do. */
export interface Rejection {
  /** In the words of upstream's filter plugins; each is counted over the nodes. */
  readonly reasons: readonly string[];
  /** Whether sending other pods away could help. */
  readonly isResolvable: boolean;
}

/** Other pods are in the way. */
export function unschedulable(...reasons: readonly string[]): Rejection {
  return { reasons, isResolvable: true };
}

/** The node itself does not fit. */
export function unresolvable(...reasons: readonly string[]): Rejection {
  return { reasons, isResolvable: false };
}
