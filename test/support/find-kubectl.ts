import { findKubectl as newestKubectl } from '../../server/sandbox/find-kubectl.ts';

/**
 * The newest real kubectl of this machine.
 * @throws Error when there is none: what the simulator claims is tested with the real tool
 */
export function findKubectl(): string {
  const kubectl = newestKubectl();
  if (!kubectl) throw new Error('Cannot test with kubectl: there is none of 1.27 or newer here');
  return kubectl.file;
}
