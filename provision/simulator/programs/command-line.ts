import type { Container } from '../kinds/types/core.ts';

/** The words of the pod's own command line: `command` and `args`, empty when both are left to the image. */
export function commandLine({
  command = [],
  args = [],
}: Pick<Container, 'command' | 'args'>): readonly string[] {
  return [...command, ...args];
}
