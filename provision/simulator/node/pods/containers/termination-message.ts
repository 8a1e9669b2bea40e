import type { Container } from '../../../kinds/types/core.ts';
import { TERMINATION_LOG_LIMIT_BYTES, TERMINATION_MESSAGE_LIMIT_BYTES } from '../../limits.ts';
import type { ContainerRun } from './run.ts';

/** Why a container says it has ended (Kubernetes documentation, "Determine the Reason for Pod Failure"). */
export function lastWords(
  { terminationMessagePath = '/dev/termination-log', terminationMessagePolicy }: Container,
  run: ContainerRun,
  exitCode: number,
): string | undefined {
  const written = run.lastWords(terminationMessagePath);
  if (written) return written.slice(0, TERMINATION_MESSAGE_LIMIT_BYTES);
  if (terminationMessagePolicy !== 'FallbackToLogsOnError' || exitCode === 0) return undefined;
  const lines = run.log.read(0).lines.map(({ text }) => `${text}\n`);
  return lines.join('').slice(-TERMINATION_LOG_LIMIT_BYTES);
}
