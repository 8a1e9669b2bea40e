import type { Taint, Toleration } from '../kinds/types/core.ts';

/** Whether a pod may be put on a node with this taint (https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/). */
export function isTolerated(taint: Taint, tolerations: readonly Toleration[]): boolean {
  if (taint.effect === 'PreferNoSchedule') return true;
  return tolerations.some(
    ({ key, operator = 'Equal', value = '', effect }) =>
      (effect === undefined || effect === '' || effect === taint.effect) &&
      (key === undefined || key === '' ? operator === 'Exists' : key === taint.key) &&
      (operator === 'Exists' || value === (taint.value ?? '')),
  );
}
