/** Which EndpointSlices a controller writes, and for which Service (Kubernetes documentation, "EndpointSlices": management, ownership). */
import type { ClusterClient, WatchEvent } from '../../client/client.ts';
import { endpointSlices } from '../../kinds/resources.ts';
import type { EndpointSlice } from '../../kinds/types/discovery.ts';
import { namespaceOf } from '../controller.ts';
import type { WorkQueue } from '../work-queue.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';

/** The slices of one controller, told by its name in their labels; those of others are left alone. */
export class SliceOwner {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  /** Labels of the slices that the controller makes for a Service. */
  labels(service: string): Readonly<Record<string, string>> {
    return { [SERVICE_NAME]: service, [MANAGED_BY]: this.#name };
  }

  /** The slices that the controller has made for a Service. */
  slicesOf(client: ClusterClient, namespace: string, service: string): readonly EndpointSlice[] {
    return client
      .list(endpointSlices, { namespace })
      .filter((slice) => this.#serviceOf(slice) === service);
  }

  /** Slices that somebody has changed or deleted are put right. */
  enqueue(queue: WorkQueue): (event: WatchEvent<EndpointSlice>) => void {
    return ({ object }) => {
      const service = this.#serviceOf(object);
      if (service !== undefined) queue.add(`${namespaceOf(object)}/${service}`);
    };
  }

  #serviceOf({ metadata: { labels = {} } }: EndpointSlice): string | undefined {
    return labels[MANAGED_BY] === this.#name ? labels[SERVICE_NAME] : undefined;
  }
}
