import type { LabView, PageView, ProgressView } from '#protocol';

import type { Place } from '../routing/address.ts';

export type LabPages = Pick<LabView, 'intro' | 'steps' | 'finish'>;

/** The pages of a lab in reading order. */
export function placesOf(lab: LabPages): Place[] {
  return [
    ...(lab.intro ? [{ type: 'intro' } satisfies Place] : []),
    ...lab.steps.map((_, index): Place => ({ type: 'step', index })),
    ...(lab.finish ? [{ type: 'finish' } satisfies Place] : []),
  ];
}

/** A step opens when all before it are done, the last page when all are. */
export function isOpen(place: Place, lab: LabPages, progress: ProgressView): boolean {
  if (place.type === 'intro') return true;
  if (place.type === 'finish') return progress.unlockedStep >= lab.steps.length;
  return place.index <= progress.unlockedStep;
}

/** Where the learner is let in: what the address asks for if it is open, else where the work goes on. */
export function placeToShow(
  wanted: Place | undefined,
  lab: LabPages,
  progress: ProgressView,
): Place {
  const places = placesOf(lab);
  const isThere = wanted && places.some((place) => isSamePlace(place, wanted));
  if (wanted && isThere && isOpen(wanted, lab, progress)) return wanted;
  const hasBegun = progress.unlockedStep > 0 || wanted !== undefined;
  const open = places.filter((place) => isOpen(place, lab, progress));
  const resumed = hasBegun ? open.at(-1) : open[0];
  return resumed ?? { type: 'step', index: 0 };
}

export function isSamePlace(a: Place, b: Place): boolean {
  if (a.type === 'step') return b.type === 'step' && a.index === b.index;
  return a.type === b.type;
}

/** The page at a place; none where the lab has none. */
export function pageAt(lab: LabPages, place: Place): PageView | undefined {
  if (place.type === 'intro') return lab.intro;
  if (place.type === 'finish') return lab.finish;
  return lab.steps[place.index];
}

/** The pages before and after; none at the ends. */
export function neighbours(
  lab: LabPages,
  place: Place,
): { readonly previous: Place | undefined; readonly next: Place | undefined } {
  const places = placesOf(lab);
  const at = places.findIndex((one) => isSamePlace(one, place));
  return { previous: at > 0 ? places[at - 1] : undefined, next: places[at + 1] };
}
