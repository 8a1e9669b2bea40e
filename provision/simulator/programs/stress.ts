import { quantityValue } from '../kinds/values/quantity.ts';
import { commandLine } from './command-line.ts';
import { idle } from './idle.ts';
import { repositoryOf } from './images.ts';
import type { ContainerContext, Program, RunningProgram } from './program.ts';

/** From the start until all memory is asked for. */
const GROWTH_MS = 1_000;
/** `250M` of stress is in binary units, `100Mi` of the other in Kubernetes'. */
const UNIT: Readonly<Record<string, string>> = {
  k: 'Ki',
  K: 'Ki',
  m: 'Mi',
  M: 'Mi',
  g: 'Gi',
  G: 'Gi',
};

/** Programs that take memory and processors: with less memory than they ask for they are killed (Kubernetes documentation, "Assign Memory Resources to Containers"). */
export const stress: Program = {
  images: ['polinux/stress', 'vish/stress'],
  matches: (image) =>
    ['polinux/stress', 'progrium/stress', 'vish/stress'].includes(repositoryOf(image)),
  start(context) {
    const { container, log } = context;
    const words = commandLine(container);
    if (/(^|\/)(sh|bash|sleep)$/.test(words[0] ?? '')) return context.run(words);
    const bytes = memoryOf(words);
    log(`stress: info: [1] dispatching hogs: 0 cpu, 0 io, ${bytes > 0 ? 1 : 0} vm, 0 hdd`);
    return bytes > limitOf(context) ? killedSoon(context) : idle();
  },
};

/** What the command line asks for, in bytes. */
function memoryOf(words: readonly string[]): number {
  const valueOf = (flag: string) => words[words.indexOf(flag) + 1] ?? '0';
  const isAsked = (flag: string) => words.includes(flag);
  const text = isAsked('--vm-bytes')
    ? valueOf('--vm-bytes')
    : isAsked('-mem-total')
      ? valueOf('-mem-total')
      : '0';
  const workers = isAsked('--vm') ? Number(valueOf('--vm')) || 1 : 1;
  const binary = text.replace(
    /^([0-9.]+)([kKmMgG])B?$/,
    (_, number: string, unit: string) => `${number}${UNIT[unit] ?? ''}`,
  );
  return (quantityValue(binary) || 0) * workers;
}

function limitOf({ container }: ContainerContext): number {
  const limit = container.resources?.limits?.['memory'];
  return limit === undefined ? Number.POSITIVE_INFINITY : quantityValue(limit);
}

function killedSoon({ clock }: ContainerContext): RunningProgram {
  const { promise, resolve } = Promise.withResolvers<number>();
  let isOutOfMemory = false;
  const timer = clock.after(GROWTH_MS, () => {
    isOutOfMemory = true;
    resolve(137);
  });
  return {
    exited: promise,
    stop: () => timer[Symbol.dispose](),
    isOutOfMemory: () => isOutOfMemory,
  };
}
