/** Languages of everything a learner reads. */
export type Locale = 'en' | 'fr' | 'zh';

/** The outcome of one check. A reason is a key into the verifier's texts; its parameters fill the sentence. */
export type CheckResult =
  | { readonly check: string; readonly isPassed: true }
  | {
      readonly check: string;
      readonly isPassed: false;
      readonly reason: string;
      readonly params?: Readonly<Record<string, string | number>>;
    };

/** A resource whose changes may change the verifier's answer: `{ apiVersion: 'v1', plural: 'pods' }`. */
export interface WatchedResource {
  readonly apiVersion: string;
  readonly plural: string;
}

/** The cluster as a verifier sees it: read-only, through the Kubernetes API. */
export interface ClusterReader {
  /** undefined when it does not exist, or its kind is not served. */
  get(
    apiVersion: string,
    kind: string,
    name: string,
    namespace?: string,
  ): Promise<ReadObject | undefined>;
  /** Empty when the kind is not served. */
  list(
    apiVersion: string,
    kind: string,
    options?: { readonly namespace?: string; readonly labelSelector?: string },
  ): Promise<readonly ReadObject[]>;
  /** A GET through the API server's proxy; undefined when nothing answers. */
  proxyGet(path: string): Promise<{ readonly status: number; readonly body: string } | undefined>;
}

/** An object as read: plain JSON. */
export interface ReadObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** What "done" means for one step of a lab. */
export interface Verifier {
  /** As named by `regatta.verifier` in a lab's index.json. */
  readonly id: string;
  /** In the order they are shown. */
  readonly checks: readonly string[];
  readonly watches: readonly WatchedResource[];
  /** For what no watch tells of (requests, metrics): how often to look besides, in milliseconds. */
  readonly pollMs?: number;
  readonly texts: Readonly<Record<Locale, VerifierTexts>>;
  /** One result per check, in order. Never changes the cluster; may be run again at any time. */
  run(cluster: ClusterReader, signal: AbortSignal): Promise<readonly CheckResult[]>;
}

/** Texts of one verifier in one language: titles by check, sentences by reason with `{name}` for parameters. */
export interface VerifierTexts {
  readonly checks: Readonly<Record<string, string>>;
  readonly reasons: Readonly<Record<string, string>>;
}
