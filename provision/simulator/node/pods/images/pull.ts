import { sleep } from '../../../clock.ts';
import type { Happening } from '../../../controllers/events.ts';
import type { Container } from '../../../kinds/types/core.ts';
import type { Program } from '../../../programs/program.ts';
import { PULL_BACKOFF_LIMIT_MS, PULL_BACKOFF_START_MS } from '../../limits.ts';
import { Backoff } from '../backoff.ts';
import type { PodHost } from '../host.ts';
import { fullImageName, imageSizeBytes, missingImageMessage } from './images.ts';
import { imageNameProblem, isPublished, unpublishedMessage } from './names.ts';

/** An image that is there already is only asked for its digest. */
const LOOK_UP_MS = 20;

/** The container an image is pulled for, and who is told how it goes. */
export interface PullSubject {
  /** As the pod has it at the time of the call: another image is taken up while one is waited for. */
  readonly container: Container;
  readonly host: PodHost;
  /** Fires when the container gets another image. */
  readonly changed: () => AbortSignal;
  readonly record: (type: Happening['type'], reason: string, message: string) => void;
  /** Called with the reason and message of the waiting state. */
  readonly wait: (reason: string, message: string) => void;
}

/** The program of the container's image; undefined when no image of that name is known. */
export function programOf({
  container,
  host,
}: Pick<PullSubject, 'container' | 'host'>): Program | undefined {
  return host.programs.find((program) => program.matches(container.image));
}

/** Pulls the image as its pull policy says; tries for ever, with a back-off, when there is none. */
export async function pullImage(subject: PullSubject, signal: AbortSignal): Promise<Program> {
  const retries = new Backoff(PULL_BACKOFF_START_MS, PULL_BACKOFF_LIMIT_MS);
  for (;;) {
    const isRefused = await waitIfRefused(subject, signal);
    if (isRefused) continue;
    const program = programOf(subject);
    if (program && isPublished(subject.container.image)) {
      await fetchImage(subject, signal);
      return program;
    }
    await missImage(subject, retries.next(), signal);
  }
}

/** Waits when there is nothing to pull: the name is none, or pulling is not allowed. */
async function waitIfRefused(subject: PullSubject, signal: AbortSignal): Promise<boolean> {
  const { container, host, record, wait } = subject;
  const { image, imagePullPolicy } = container;
  const nameProblem = imageNameProblem(image);
  if (nameProblem !== undefined) {
    const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ${nameProblem}`;
    record('Warning', 'InspectFailed', message);
    record('Warning', 'Failed', 'Error: InvalidImageName');
    wait('InvalidImageName', message);
  } else if (imagePullPolicy === 'Never' && !host.images.has(fullImageName(image))) {
    const message = `Container image "${image}" is not present with pull policy of Never`;
    record('Warning', 'ErrImageNeverPull', message);
    record('Warning', 'Failed', 'Error: ErrImageNeverPull');
    wait('ErrImageNeverPull', message);
  } else {
    return false;
  }
  await pause(subject, PULL_BACKOFF_START_MS, signal);
  return true;
}

/** Waits, but not for an image that is not wanted any more. */
async function pause(
  { host, changed }: PullSubject,
  delayMs: number,
  signal: AbortSignal,
): Promise<void> {
  const another = changed();
  try {
    await sleep(host.clock, delayMs, AbortSignal.any([signal, another]));
  } catch (error) {
    if (signal.aborted) throw error;
  }
}

async function fetchImage({ container, host, record }: PullSubject, signal: AbortSignal) {
  const { image, imagePullPolicy } = container;
  const name = fullImageName(image);
  const isThere = host.images.has(name);
  if (isThere && imagePullPolicy !== 'Always') {
    record('Normal', 'Pulled', `Container image "${image}" already present on machine`);
    return;
  }
  record('Normal', 'Pulling', `Pulling image "${image}"`);
  const pullMs = isThere ? LOOK_UP_MS : host.times.pullMs(host.random);
  await sleep(host.clock, pullMs, signal);
  host.images.add(name);
  record(
    'Normal',
    'Pulled',
    `Successfully pulled image "${image}" in ${pullMs}ms (${pullMs}ms including waiting). ` +
      `Image size: ${imageSizeBytes(name)} bytes.`,
  );
}

async function missImage(subject: PullSubject, waitMs: number, signal: AbortSignal) {
  const { container, host, record, wait } = subject;
  const { image } = container;
  record('Normal', 'Pulling', `Pulling image "${image}"`);
  await sleep(host.clock, host.times.pullMs(host.random), signal);
  const message = programOf(subject)
    ? unpublishedMessage(image)
    : missingImageMessage(image, host.programs);
  record('Warning', 'Failed', `Failed to pull image "${image}": ${message}`);
  record('Warning', 'Failed', 'Error: ErrImagePull');
  wait('ErrImagePull', message);
  await pause(subject, waitMs / 2, signal);
  if (subject.container.image !== image) return;
  const backOff = `Back-off pulling image "${image}"`;
  record('Normal', 'BackOff', backOff);
  record('Warning', 'Failed', 'Error: ImagePullBackOff');
  wait('ImagePullBackOff', `${backOff}: ErrImagePull: ${message}`);
  await pause(subject, waitMs / 2, signal);
}
