/** How workloads replace their pods (Kubernetes, pkg/apis/apps/validation). */
import { isUnset, objectAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { forbidden, invalid, notSupported, required } from './fields/field-errors.ts';
import { amountErrors, shareErrors } from './fields/numbers.ts';

export function deploymentStrategyErrors(
  strategy: JsonObject,
  field: string,
): readonly FieldError[] {
  const type = stringAt(strategy, 'type');
  if (type === 'Recreate') {
    const why = "may not be specified when strategy `type` is 'Recreate'";
    return isUnset(strategy['rollingUpdate']) ? [] : [forbidden(`${field}.rollingUpdate`, why)];
  }
  if (type !== 'RollingUpdate') {
    // Upstream shows the whole strategy, in Go's names.
    const shown = { Type: type, RollingUpdate: null };
    return [notSupported(field, shown, ['Recreate', 'RollingUpdate'])];
  }
  const { maxUnavailable, maxSurge } = objectAt(strategy, 'rollingUpdate');
  const at = `${field}.rollingUpdate`;
  return [
    ...amountErrors(maxUnavailable, `${at}.maxUnavailable`),
    ...amountErrors(maxSurge, `${at}.maxSurge`),
    ...(isZero(maxUnavailable) && isZero(maxSurge)
      ? [invalid(`${at}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0')]
      : []),
    ...shareErrors(maxUnavailable, `${at}.maxUnavailable`),
  ];
}

export function daemonStrategyErrors(strategy: JsonObject, field: string): readonly FieldError[] {
  const type = stringAt(strategy, 'type');
  if (type === 'OnDelete') return [];
  if (type !== 'RollingUpdate') {
    return [notSupported(`${field}.type`, type, ['RollingUpdate', 'OnDelete'])];
  }
  const { maxUnavailable, maxSurge } = objectAt(strategy, 'rollingUpdate');
  const at = `${field}.rollingUpdate`;
  return [
    ...amountErrors(maxUnavailable, `${at}.maxUnavailable`),
    ...amountErrors(maxSurge, `${at}.maxSurge`),
    ...shareErrors(maxUnavailable, `${at}.maxUnavailable`),
    ...shareErrors(maxSurge, `${at}.maxSurge`),
    ...(!isZero(maxUnavailable) && !isZero(maxSurge)
      ? [invalid(`${at}.maxSurge`, maxSurge, 'may not be set when `maxUnavailable` is non-zero')]
      : []),
    ...(isZero(maxUnavailable) && isZero(maxSurge)
      ? [required(`${at}.maxUnavailable`, 'cannot be 0 when `maxSurge` is 0')]
      : []),
  ];
}

export function statefulStrategyErrors(strategy: JsonObject, field: string): readonly FieldError[] {
  const type = stringAt(strategy, 'type');
  const { rollingUpdate } = strategy;
  if (type === 'OnDelete') {
    const why = "only allowed for updateStrategy 'RollingUpdate'";
    return isUnset(rollingUpdate) ? [] : [invalid(`${field}.rollingUpdate`, rollingUpdate, why)];
  }
  if (type !== 'RollingUpdate') {
    const shown = { Type: type, RollingUpdate: null };
    return [invalid(field, shown, "must be 'RollingUpdate' or 'OnDelete'")];
  }
  const { partition, maxUnavailable } = objectAt(rollingUpdate);
  return [
    ...amountErrors(partition, `${field}.rollingUpdate.partition`),
    ...amountErrors(maxUnavailable, `${field}.rollingUpdate.maxUnavailable`),
    ...shareErrors(maxUnavailable, `${field}.rollingUpdate.maxUnavailable`),
  ];
}

function isZero(value: Json | undefined): boolean {
  return isUnset(value) || value === 0 || value === '0%';
}
