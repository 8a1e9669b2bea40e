import { createHash } from 'node:crypto';

import { whyNotSimulated } from '../../../programs/not-simulated.ts';
import type { Program } from '../../../programs/program.ts';

/** An image as containerd names it: registry, repository and tag. */
export function fullImageName(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const repository = rest.length === 0 ? `library/${image}` : image;
  const named = hasRegistry ? image : `docker.io/${repository}`;
  const last = named.slice(named.lastIndexOf('/'));
  return last.includes(':') || named.includes('@') ? named : `${named}:latest`;
}

/** The imageID of a container status. The digest is made from the name: there are no layers to hash. */
export function imageId(image: string): string {
  const name = fullImageName(image);
  if (name.includes('@')) return name;
  const repository = name.slice(0, name.lastIndexOf(':'));
  return `${repository}@sha256:${createHash('sha256').update(name).digest('hex')}`;
}

/** A size to report, 5 to 105 MB, always the same for one image. */
export function imageSizeBytes(image: string): number {
  const digest = createHash('sha256').update(image).digest();
  return 5_000_000 + (digest.readUInt32BE(0) % 100_000_000);
}

/** Why an image cannot be had, in the form containerd gives and with what to do about it. */
export function missingImageMessage(image: string, programs: readonly Program[]): string {
  const start = `failed to pull and unpack image "${fullImageName(image)}": the Regatta simulator`;
  const why = whyNotSimulated(image);
  if (why !== undefined) return `${start} ${why}`;
  const known = [...new Set(programs.flatMap((program) => program.images ?? []))].toSorted();
  return `${start} has no program for this image; it has ${known.join(', ')}`;
}

/** How long pulling and starting take, in milliseconds. */
export interface ContainerTimes {
  /** Pulling an image for the first time on a node. */
  pullMs(random: () => number): number;
  /** From an image that is there to a running container. */
  startMs(random: () => number): number;
  /** From SIGTERM to the end. */
  stopMs(random: () => number): number;
}

/** A quick cluster near its registry: quicker than most, and a whole Bookinfo is Ready in three seconds. */
export const BELIEVABLE_TIMES: ContainerTimes = {
  pullMs: (random) => 300 + Math.floor(random() * 500),
  startMs: (random) => 100 + Math.floor(random() * 100),
  stopMs: (random) => 200 + Math.floor(random() * 300),
};
