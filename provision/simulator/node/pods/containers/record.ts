import { timestamp } from '../../../clock.ts';
import type { Container, ContainerState, ContainerStatus } from '../../../kinds/types/core.ts';
import type { PodHost } from '../host.ts';
import { fullImageName, imageId } from '../images/images.ts';

/** What is known of a container and shown as its status. */
export class ContainerRecord {
  readonly #host: PodHost;
  readonly #onChange: () => void;
  #container: Container;
  #state: ContainerState;
  #lastState: ContainerState = {};
  #restartCount = 0;
  #isReady = false;
  #isStarted = false;
  #imageId = '';
  #containerId = '';

  constructor(options: {
    readonly container: Container;
    readonly host: PodHost;
    readonly waitingReason: string;
    /** Called after each change of what `status` gives. */
    readonly onChange: () => void;
  }) {
    this.#container = options.container;
    this.#host = options.host;
    this.#onChange = options.onChange;
    this.#state = { waiting: { reason: options.waitingReason } };
  }

  get state(): ContainerState {
    return this.#state;
  }

  get restartCount(): number {
    return this.#restartCount;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  get isStarted(): boolean {
    return this.#isStarted;
  }

  get containerId(): string {
    return this.#containerId;
  }

  status(): ContainerStatus {
    const { name, image, resources = {}, volumeMounts = [] } = this.#container;
    const { requests } = resources;
    return {
      name,
      ready: this.#isReady,
      started: this.#isStarted,
      restartCount: this.#restartCount,
      image: this.#imageId ? fullImageName(image) : image,
      imageID: this.#imageId,
      ...(this.#containerId && { containerID: this.#containerId }),
      state: this.#state,
      lastState: this.#lastState,
      ...(requests && this.#state.running && { allocatedResources: requests }),
      ...(this.#state.running && { resources }),
      ...(volumeMounts.length > 0 && {
        volumeMounts: volumeMounts.map(({ name: volume, mountPath, readOnly }) => ({
          name: volume,
          mountPath,
          ...(readOnly === true && { readOnly, recursiveReadOnly: 'Disabled' }),
        })),
      }),
    };
  }

  /** Takes up what a status says. */
  restore(status: ContainerStatus): void {
    this.#state = status.state;
    this.#lastState = status.lastState ?? {};
    this.#restartCount = status.restartCount;
    this.#isReady = status.ready;
    this.#isStarted = status.started ?? false;
    this.#imageId = status.imageID;
    this.#containerId = status.containerID ?? '';
    if (status.imageID) this.#host.images.add(status.image);
  }

  /** The container with other resources. */
  setContainer(container: Container): void {
    this.#container = container;
    this.#onChange();
  }

  hasImage(): void {
    this.#imageId = imageId(this.#container.image);
  }

  countRestart(): void {
    this.#restartCount++;
  }

  setStarted(): void {
    this.#isStarted = true;
    this.#onChange();
  }

  setReady(isReady: boolean): void {
    this.#isReady = isReady;
    this.#onChange();
  }

  wait(reason: string, message: string): void {
    if (this.#state.terminated) this.#lastState = this.#state;
    this.#setState({ waiting: { reason, message } });
  }

  run(containerId: string): void {
    this.#containerId = containerId;
    this.#setState({ running: { startedAt: this.#now() } });
  }

  /** @param isReady whether an ended container counts as ready: an init container that has done its work */
  end(
    terminated: Omit<NonNullable<ContainerState['terminated']>, 'finishedAt'>,
    isReady: boolean,
  ): void {
    this.#isStarted = false;
    this.#isReady = isReady;
    const startedAt = this.#state.running?.startedAt ?? this.#now();
    this.#setState({ terminated: { startedAt, ...terminated, finishedAt: this.#now() } });
  }

  #setState(state: ContainerState): void {
    if (state.running && this.#state.terminated) this.#lastState = this.#state;
    this.#state = state;
    this.#onChange();
  }

  #now(): string {
    return timestamp(this.#host.clock);
  }
}
