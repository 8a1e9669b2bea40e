/** How the checks of the Pod Security Standards look at a pod. */
import type { JsonObject } from '../../../kinds/object.ts';
import { allContainers } from '../../../kinds/quota/pod-resources.ts';
import { at, isObject, objectAt, stringAt } from '../../objects/json.ts';

/** A pod or the template of one. */
export interface PodLike {
  readonly metadata: JsonObject;
  readonly spec: JsonObject;
}

/** What a check has against a pod. */
export interface Violation {
  /** `allowPrivilegeEscalation != false` */
  readonly reason: string;
  /** Which parts of the pod, and what they would have to say. */
  readonly detail: string;
}

/** One rule of the standards in the version `minor`; `name` decides its place in messages. */
export interface Check {
  readonly name: string;
  readonly isRestricted?: boolean;
  /** The milder check that this one makes superfluous. */
  readonly replaces?: string;
  /** First minor version that has the check. Default 0. */
  readonly since?: number;
  readonly find: (pod: PodLike, minor: number) => Violation | undefined;
}

/** Containers of all kinds, as objects. */
export function containersOf({ spec }: PodLike): readonly JsonObject[] {
  return allContainers(spec).filter((container) => isObject(container));
}

export function nameOf(container: JsonObject): string {
  return stringAt(container, 'name') ?? '';
}

/** A field of the security context of the pod or of one container; undefined when it is not set. */
export function securityAt(holder: JsonObject, ...path: readonly string[]) {
  return at(holder, 'securityContext', ...path) ?? undefined;
}

export function securityObject(holder: JsonObject, ...path: readonly string[]): JsonObject {
  return objectAt(holder, 'securityContext', ...path);
}

/** `container "a"`, `containers "a", "b"`. */
export function containerList(names: readonly string[]): string {
  return `${plural('container', names.length)} ${quoted(names)}`;
}

/** `pod and container "a"`: who set a value. */
export function setters(isPod: boolean, names: readonly string[]): string {
  return [...(isPod ? ['pod'] : []), ...(names.length > 0 ? [containerList(names)] : [])].join(
    ' and ',
  );
}

export function plural(word: string, count: number): string {
  return count === 1 ? word : `${word}s`;
}

/** `"a", "b"`. */
export function quoted(values: readonly string[]): string {
  return values.map((value) => `"${value}"`).join(', ');
}

/** Each once, in order. */
export function sorted(values: readonly string[]): readonly string[] {
  return [...new Set(values)].toSorted();
}

/** Pods for Windows have none of what some restricted checks ask for, since version 1.25 of the standards. */
export function isExemptWindows({ spec }: PodLike, minor: number): boolean {
  return minor >= 25 && stringAt(spec, 'os', 'name') === 'windows';
}
