import { requestsOf } from '../../controllers/scheduler/requests.ts';
import { isSame } from '../../kinds/json.ts';
import { nodes } from '../../kinds/resources.ts';
import type { Condition, Container, Pod } from '../../kinds/types/core.ts';
import { quantityValue } from '../../kinds/values/quantity.ts';
import type { PodContainer } from './containers/pod-container.ts';
import type { PodHost } from './host.ts';

type Resources = Container['resources'];

/** Gives running containers other resources (Kubernetes documentation, "Resize CPU and Memory Resources assigned to Containers"). */
export class PodResize {
  readonly #host: PodHost;
  readonly #containers: () => readonly PodContainer[];
  readonly #known = new Map<string, Resources>();
  #condition: Pick<Condition, 'type' | 'status' | 'reason' | 'message'> | undefined;

  constructor(host: PodHost, containers: () => readonly PodContainer[]) {
    this.#host = host;
    this.#containers = containers;
  }

  /** What stands in the way of the resources the pod asks for. */
  get condition(): Pick<Condition, 'type' | 'status' | 'reason' | 'message'> | undefined {
    return this.#condition;
  }

  /** Takes up what the pod asks for now; whether that changed anything. */
  see(pod: Pod): boolean {
    const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
    const changed = all.filter(({ name, resources }) => {
      return this.#known.has(name) && !isSame(this.#known.get(name), resources);
    });
    for (const { name, resources } of all) {
      if (!this.#known.has(name)) this.#known.set(name, resources);
    }
    const message = changed.length > 0 ? this.#whyInfeasible(pod) : undefined;
    const before = this.#condition;
    this.#condition =
      message === undefined
        ? undefined
        : { type: 'PodResizePending', status: 'True', reason: 'Infeasible', message };
    if (message === undefined) for (const container of changed) this.#apply(container);
    return changed.length > 0 || before !== this.#condition;
  }

  #whyInfeasible(pod: Pod): string | undefined {
    const allocatable = this.#host.client.get(nodes, this.#host.name)?.status.allocatable ?? {};
    for (const [resource, requested] of requestsOf(pod.spec)) {
      const capacity = quantityValue(allocatable[resource] ?? '0');
      if (requested <= capacity) continue;
      const unit = resource === 'cpu' ? 1_000 : 1;
      return `Node didn't have enough capacity: ${resource}, requested: ${requested * unit}, capacity: ${capacity * unit}`;
    }
    return undefined;
  }

  #apply(container: Container): void {
    const before = this.#known.get(container.name);
    this.#known.set(container.name, container.resources);
    const isRestarted = (container.resizePolicy ?? []).some(
      ({ resourceName, restartPolicy }) =>
        restartPolicy === 'RestartContainer' &&
        !isSame(amountsOf(before, resourceName), amountsOf(container.resources, resourceName)),
    );
    const reason = `Container ${container.name} resize requires restart`;
    this.#containers()
      .find(({ name }) => name === container.name)
      ?.change(container, isRestarted ? reason : undefined);
  }
}

function amountsOf(resources: Resources, name: string) {
  return [resources?.requests?.[name], resources?.limits?.[name]];
}
