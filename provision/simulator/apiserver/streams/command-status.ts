/** What stands on the error stream of a command when it has ended (remotecommand, versions 1 to 5). */
import type { StatusBody } from '../../client/api-error.ts';
import { internalError } from '../errors.ts';

/** How a command ended: by itself with a code, or without having run, in the server's words. */
export type Ending =
  | { readonly type: 'exited'; readonly exitCode: number }
  | { readonly type: 'refused'; readonly status: StatusBody };

/** The text for the error stream; empty where version 1 says nothing. */
export function endingText(ending: Ending, protocol: string): string {
  // Before version 4 there was no Status, only an error's text.
  if (/^(v[45]\.)/.test(protocol)) return JSON.stringify(statusOf(ending));
  if (ending.type === 'refused') return ending.status.message;
  return ending.exitCode === 0 ? '' : failureText(ending.exitCode);
}

function statusOf(ending: Ending): object {
  if (ending.type === 'refused') return ending.status;
  const { exitCode } = ending;
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: failureText(exitCode),
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

function failureText(exitCode: number): string {
  return `command terminated with non-zero exit code: command terminated with exit code ${exitCode}`;
}

/** What the API server itself says of a kubelet that did not do as it was told. */
export function refused(message: string): Ending {
  return { type: 'refused', status: internalError(message).toStatus() };
}
