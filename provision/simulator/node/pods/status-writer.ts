import type { ClusterClient } from '../../client/client.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { pods } from '../../kinds/resources.ts';
import type { Pod, PodStatus } from '../../kinds/types/core.ts';

interface StatusSource {
  readonly pod: () => Pod;
  readonly status: () => PodStatus;
  readonly onWritten: (pod: Pod) => void;
}

/** Writes a pod's status, one write at a time; changes in between go into the next. */
export class StatusWriter {
  readonly #client: ClusterClient;
  readonly #source: StatusSource;
  #written = '';
  #hasChanged = false;
  #writing: Promise<void> | undefined;

  constructor(client: ClusterClient, source: StatusSource) {
    this.#client = client;
    this.#source = source;
  }

  /** Begins; what a pod that goes on says of itself already is not written again. */
  start(isResumed: boolean): void {
    if (isResumed) this.#written = JSON.stringify(this.#source.status());
    this.write();
  }

  /** Writes what is new, soon. */
  write(): void {
    this.#hasChanged = true;
    this.#writing ??= this.#writeAll();
  }

  /** Waits until what is known now has been written. */
  async flush(): Promise<void> {
    this.write();
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    // Changes of the same turn, such as started and ready, are one write.
    await Promise.resolve();
    while (this.#hasChanged) {
      this.#hasChanged = false;
      const text = JSON.stringify(this.#source.status());
      if (text === this.#written) continue;
      this.#written = text;
      const status: JsonObject = JSON.parse(text);
      const { name, namespace = 'default', uid } = this.#source.pod().metadata;
      try {
        const patch = { metadata: { uid }, status };
        const target = { name, namespace };
        this.#source.onWritten(
          await this.#client.patch(pods, target, patch, { subresource: 'status' }),
        );
      } catch {
        // Gone or being replaced: the watch says so next, and ends the pod.
        this.#hasChanged = false;
      }
    }
    this.#writing = undefined;
  }
}
