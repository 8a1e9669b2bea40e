import { STATUS_CODES } from 'node:http';

/** Names of gRPC's statuses, as they are written in a fault. */
export const GRPC_STATUSES: ReadonlySet<string> = new Set([
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
]);

/** Whether a text is the number of a status that Go has a name for: all of Node's but one (509). */
export function isKnownStatus(text: string): boolean {
  return (
    /^\+?\d{1,9}$/.test(text) && Number(text) !== 509 && STATUS_CODES[Number(text)] !== undefined
  );
}
