import type { Clock } from '../../clock.ts';
import type { KubeObject } from '../../kinds/object.ts';
import type { Admission } from '../admission/admission.ts';
import type { ServedKinds } from '../served-kinds.ts';
import type { Store } from '../store/store.ts';

/** Who sends a request. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What all operations work on. */
export interface Core {
  readonly store: Store;
  readonly kinds: ServedKinds;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly admission: Admission;
}

/** What a request says besides its object. */
export interface Call {
  readonly user: User;
  readonly isDryRun: boolean;
  /** For managedFields. */
  readonly fieldManager: string;
  /** One of the simulator's own parts writes: it needs no permissions, and what it creates has no managers until somebody applies it. */
  readonly isInternal: boolean;
  readonly fieldValidation: 'Strict' | 'Warn' | 'Ignore';
  /** Problems the decoder found in the body, such as duplicate fields. */
  readonly decodingProblems: readonly string[];
  /** Texts for Warning headers; operations add to it. */
  readonly warnings: string[];
}

/** Addresses one object. */
export interface ObjectName {
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
}

/** An object and whether the request made it. */
export interface Written {
  readonly object: KubeObject;
  readonly isNew: boolean;
}

/** The API server itself, where it writes of its own accord. */
export const API_SERVER_USER: User = { name: 'system:apiserver', groups: ['system:masters'] };

/** A call of one of the simulator's own parts. */
export function internalCall(user: User): Call {
  return {
    user,
    isDryRun: false,
    fieldManager: managerOfPart(user),
    isInternal: true,
    fieldValidation: 'Ignore',
    decodingProblems: [],
    warnings: [],
  };
}

/** The program that does the part's work in a real cluster: controllers run in one. */
function managerOfPart({ name }: User): string {
  if (name.startsWith('system:node:')) return 'kubelet';
  const program = name.replace(/^system:/, '');
  return PROGRAMS.has(program) ? program : 'kube-controller-manager';
}

const PROGRAMS = new Set(['kubelet', 'kube-scheduler', 'kube-proxy', 'apiserver']);
