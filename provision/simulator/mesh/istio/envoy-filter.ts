/** EnvoyFilter (https://istio.io/latest/docs/reference/config/networking/envoy-filter/). */
import type { KubeObject, Labels } from '../../kinds/object.ts';
import type { TargetRef } from './security.ts';

export interface ConfigPatch {
  readonly applyTo?: string;
  readonly match?: {
    readonly context?: 'ANY' | 'SIDECAR_INBOUND' | 'SIDECAR_OUTBOUND' | 'GATEWAY';
    readonly listener?: object;
    readonly routeConfiguration?: object;
    readonly cluster?: object;
  };
  readonly patch?: { readonly operation?: string; readonly value?: object };
}

export interface EnvoyFilter extends KubeObject {
  readonly spec?: {
    readonly workloadSelector?: { readonly labels?: Labels };
    readonly targetRefs?: readonly TargetRef[];
    readonly priority?: number;
    readonly configPatches?: readonly ConfigPatch[];
  };
}
