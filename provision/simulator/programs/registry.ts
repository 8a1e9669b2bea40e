import { meshPrograms } from '../mesh/index.ts';
import { bookinfoPrograms } from './bookinfo/index.ts';
import { hpaExample } from './hpa-example.ts';
import { kubeSystem } from './kube-system.ts';
import { alpine, busybox, curl, debian, fedora, netshoot } from './linux.ts';
import { metricsServer } from './metrics-server.ts';
import { nginx } from './nginx.ts';
import { pause } from './pause.ts';
import type { Program } from './program.ts';
import { stress } from './stress.ts';

/** What images hold, in the order they are asked; a new program is one line here. */
export const PROGRAMS: readonly Program[] = [
  alpine,
  busybox,
  curl,
  debian,
  fedora,
  hpaExample,
  kubeSystem,
  metricsServer,
  netshoot,
  nginx,
  pause,
  stress,
  ...bookinfoPrograms,
  ...meshPrograms,
];
