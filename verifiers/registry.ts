import { bookinfo } from './get-started/bookinfo.ts';
import { browser } from './get-started/browser.ts';
import { cluster } from './get-started/cluster.ts';
import { openGateway } from './get-started/gateway.ts';
import { injection } from './get-started/injection.ts';
import { inside } from './get-started/inside.ts';
import { install } from './get-started/install.ts';
import { notes } from './get-started/notes.ts';
import type { Verifier } from './verifier.ts';

/** Every verifier that a lab's index.json may name. */
export const VERIFIERS: readonly Verifier[] = [
  cluster,
  notes,
  install,
  injection,
  bookinfo,
  inside,
  openGateway,
  browser,
];
