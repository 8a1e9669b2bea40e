import { idle } from './idle.ts';
import { repositoryOf } from './images.ts';
import type { Program } from './program.ts';

const NAMES: ReadonlySet<string> = new Set([
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'coredns/coredns',
]);

/** The pods of kube-system: the simulator does their work elsewhere, and their logs say so. */
export const kubeSystem: Program = {
  matches: (image) => image.startsWith('registry.k8s.io/') && NAMES.has(repositoryOf(image)),
  hasShell: false,
  start({ container, log }) {
    log(`${container.name}: simulated by Regatta; this container does no work of its own`);
    return idle();
  },
};
