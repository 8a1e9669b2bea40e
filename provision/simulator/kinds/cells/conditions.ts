import { listAt, stringAt } from '../json.ts';
import type { Json, KubeObject } from '../object.ts';

/** The condition of one type in an object's status. */
export function conditionAt(object: KubeObject, type: string): Json | undefined {
  return listAt(object, 'status', 'conditions').find(
    (condition) => stringAt(condition, 'type') === type,
  );
}
