import { idle } from './idle.ts';
import { repositoryOf } from './images.ts';
import type { Program } from './program.ts';

/** The image that holds a pod's network namespace: it waits, and has nothing to run. */
export const pause: Program = {
  images: ['registry.k8s.io/pause'],
  matches: (image) => repositoryOf(image) === 'pause',
  hasShell: false,
  start: () => idle(),
};
