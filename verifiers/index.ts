/** What "done" means: verifiers by name, and the line to a cluster that they read through. */
import { clusterReader } from './kit/cluster-reader.ts';
import { ClusterConnection } from './kit/connection.ts';
import { watchResources } from './kit/watch.ts';
import { VERIFIERS } from './registry.ts';
import type { CheckResult, Verifier } from './verifier.ts';

export { readOpenApi } from './kit/open-api.ts';
export { fillSentence } from './kit/sentence.ts';
export type { CheckResult, Verifier } from './verifier.ts';

/** A verifier that has not answered by then counts as not passed, milliseconds. */
const RUN_LIMIT_MS = 10_000;

/** Names that `regatta.verifier` may have. */
export const VERIFIER_IDS: readonly string[] = VERIFIERS.map(({ id }) => id);

/** The verifier of that name, as written in `regatta.verifier`; undefined when there is none, or no name. */
export function findVerifier(id: string | undefined): Verifier | undefined {
  return VERIFIERS.find((verifier) => verifier.id === id);
}

/** Runs verifiers against one cluster. Disposing of it closes its connections. */
export class ClusterChecks implements Disposable {
  readonly #connection: Promise<ClusterConnection>;
  readonly #stack = new DisposableStack();

  constructor(kubeconfig: string) {
    this.#connection = ClusterConnection.open(kubeconfig);
    this.#connection.then(
      (connection) => this.#stack.use(connection),
      // Whoever runs a check hears of it.
      () => undefined,
    );
  }

  /** One result per check; rejects when the cluster does not answer within 10 s. */
  async run(verifier: Verifier): Promise<readonly CheckResult[]> {
    const reader = clusterReader(await this.#connection);
    const signal = AbortSignal.timeout(RUN_LIMIT_MS);
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => {
      const limit = `${RUN_LIMIT_MS / 1000} s`;
      reject(new Error(`Cannot check "${verifier.id}": the cluster gave no answer in ${limit}`));
    });
    return Promise.race([verifier.run(reader, signal), tooLate]);
  }

  /** Calls `onChange` when something changes that the verifier looks at, and at its `pollMs` where no watch can tell. */
  watch(verifier: Verifier, onChange: () => void): Disposable {
    const stack = new DisposableStack();
    const begin = async () => {
      const connection = await this.#connection;
      if (!stack.disposed) stack.use(watchResources(connection, verifier.watches, onChange));
    };
    // A kubeconfig that is none is told of by the first run.
    begin().catch(() => undefined);
    if (verifier.pollMs !== undefined) {
      const timer = setInterval(onChange, verifier.pollMs);
      timer.unref();
      stack.defer(() => clearInterval(timer));
    }
    return stack;
  }

  /** Loads the client, so that the first check need not. */
  async warmUp(): Promise<void> {
    await this.#connection;
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}
