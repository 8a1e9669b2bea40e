import type { Verifier } from './verifier.ts';

/** Every verifier that a lab's index.json may name. */
export const VERIFIERS: readonly Verifier[] = [];
