/** The mesh: what Istio's images hold. */
import type { Program } from '../programs/program.ts';
import { pilot } from './pilot/program.ts';
import { proxy } from './proxy/program.ts';

export const meshPrograms: readonly Program[] = [pilot, proxy];
