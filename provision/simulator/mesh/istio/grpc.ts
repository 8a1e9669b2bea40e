/** gRPC's statuses by their codes, as faults name them (https://grpc.io/docs/guides/status-codes/). */
export const GRPC_STATUSES: readonly string[] = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/** The code of a status by its name or number; UNKNOWN for any other text. */
export function grpcCode(written: string): number {
  const code = GRPC_STATUSES.indexOf(written);
  return code < 0 ? Number(written) || GRPC_STATUSES.indexOf('UNKNOWN') : code;
}
