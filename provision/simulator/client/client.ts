import type { JsonObject, KubeObject, ObjectMeta } from '../kinds/object.ts';

/** Names a resource of the API and, to the compiler, the type of its objects. Made in `kinds/`. */
export interface Resource<T extends KubeObject = KubeObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** Plural, as in URLs: `pods`. */
  readonly plural: string;
  readonly kind: string;
  readonly isNamespaced: boolean;
  /** Never set: carries the type. */
  readonly object?: T;
}

export type WatchEvent<T extends KubeObject> = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T;
};

/** An object before the API server has completed its metadata and defaults. */
export type NewObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Partial<ObjectMeta>;
} & JsonFields;

interface JsonFields {
  readonly [key: string]: unknown;
}

export interface ListOptions {
  /** All namespaces when left out. */
  readonly namespace?: string;
  /** In kubectl's syntax: `app=web,tier!=db`. */
  readonly labelSelector?: string;
}

export interface WriteOptions {
  /** Write only this part of the object. */
  readonly subresource?:
    | 'status'
    | 'scale'
    | 'binding'
    | 'finalize'
    | 'ephemeralcontainers'
    | 'resize';
}

export interface DeleteOptions {
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  /** 0 deletes at once; left out, the kind's default (pods: their terminationGracePeriodSeconds). */
  readonly gracePeriodSeconds?: number;
  /** Delete only if the object still has this uid. */
  readonly uid?: string;
}

/**
 * The cluster as a controller, a kubelet or istiod sees it: the Kubernetes API, in the process.
 *
 * Reads answer at once from current state (what an informer's cache would hold). Writes go through the same
 * admission, validation and defaulting as those of kubectl, and reject with an `ApiError` (`client/api-error.ts`)
 * that carries the Status a real API server gives.
 */
export interface ClusterClient {
  get<T extends KubeObject>(resource: Resource<T>, name: string, namespace?: string): T | undefined;
  list<T extends KubeObject>(resource: Resource<T>, options?: ListOptions): readonly T[];
  /**
   * Tells `listener` of every object as ADDED, then of each change, in order and never from within the write
   * that causes it. A resource that is not served yet (a CRD to come) is watched from the moment it is.
   */
  watch<T extends KubeObject>(
    resource: Resource<T>,
    listener: (event: WatchEvent<T>) => void,
  ): Disposable;
  create<T extends KubeObject>(resource: Resource<T>, object: NewObject): Promise<T>;
  /** Replaces the object; rejects with 409 Conflict when its resourceVersion is set and stale. */
  update<T extends KubeObject>(
    resource: Resource<T>,
    object: NewObject,
    options?: WriteOptions,
  ): Promise<T>;
  /** Applies a JSON merge patch (RFC 7386). */
  patch<T extends KubeObject>(
    resource: Resource<T>,
    target: { readonly name: string; readonly namespace?: string },
    patch: JsonObject,
    options?: WriteOptions,
  ): Promise<T>;
  delete<T extends KubeObject>(
    resource: Resource<T>,
    target: { readonly name: string; readonly namespace?: string },
    options?: DeleteOptions,
  ): Promise<void>;
}
