/** The fields of flowcontrol.apiserver.k8s.io/v1 that are looked at. */
import type { KubeObject } from '../object.ts';
import type { Condition } from './core.ts';

export interface FlowSchema extends KubeObject {
  readonly spec: {
    readonly matchingPrecedence: number;
    readonly priorityLevelConfiguration: { readonly name: string };
  };
  readonly status?: { readonly conditions?: readonly Condition[] };
}
