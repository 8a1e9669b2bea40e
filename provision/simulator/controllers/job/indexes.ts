import type { Job } from '../../kinds/types/batch.ts';
import type { Pod } from '../../kinds/types/core.ts';

/** The index of a pod in an Indexed job, as label and annotation. */
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';

export function isIndexed({ spec }: Job): boolean {
  return spec.completionMode === 'Indexed';
}

/** The pod's index; -1 when it has none. */
export function indexOf({ metadata }: Pod): number {
  return Number(metadata.annotations?.[COMPLETION_INDEX] ?? -1);
}

/** Indexes in upstream's short form: `0-2,4`. */
export function indexesText(indexes: ReadonlySet<number>): string {
  const ranges: { first: number; last: number }[] = [];
  for (const index of [...indexes].toSorted((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range && range.last === index - 1) range.last = index;
    else ranges.push({ first: index, last: index });
  }
  return ranges
    .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`))
    .join(',');
}

/** The indexes that a text in the short form names, as far as there are that many. */
export function parseIndexes(text: string | undefined, count: number): ReadonlySet<number> {
  const ranges = (text ?? '').split(',').filter((part) => part !== '');
  return new Set(
    ranges.flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      const end = Math.min(last, count - 1);
      return Array.from({ length: Math.max(0, end - first + 1) }, (_, step) => first + step);
    }),
  );
}
