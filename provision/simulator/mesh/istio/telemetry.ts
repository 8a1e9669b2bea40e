/** Telemetry (https://istio.io/latest/docs/reference/config/telemetry/). */
import type { KubeObject } from '../../kinds/object.ts';
import type { Selected } from './security.ts';

export type TelemetryMode = 'CLIENT_AND_SERVER' | 'CLIENT' | 'SERVER';

interface Provider {
  readonly name?: string;
}

export interface CustomTag {
  readonly literal?: { readonly value?: string };
  readonly environment?: { readonly name?: string; readonly defaultValue?: string };
  readonly header?: { readonly name?: string; readonly defaultValue?: string };
  readonly formatter?: { readonly value?: string };
}

export interface TracingRule {
  readonly match?: { readonly mode?: TelemetryMode };
  readonly providers?: readonly Provider[];
  readonly randomSamplingPercentage?: number;
  readonly disableSpanReporting?: boolean;
  readonly disableContextPropagation?: boolean;
  readonly customTags?: Readonly<Record<string, CustomTag>>;
  readonly useRequestIdForTraceSampling?: boolean;
  readonly enableIstioTags?: boolean;
}

export interface MetricsOverride {
  readonly match?: {
    readonly metric?: string;
    readonly customMetric?: string;
    readonly mode?: TelemetryMode;
  };
  readonly disabled?: boolean;
  readonly tagOverrides?: Readonly<
    Record<string, { readonly operation?: 'UPSERT' | 'REMOVE'; readonly value?: string }>
  >;
}

export interface MetricsRule {
  readonly providers?: readonly Provider[];
  readonly overrides?: readonly MetricsOverride[];
  readonly reportingInterval?: string;
}

export interface AccessLoggingRule {
  readonly match?: { readonly mode?: TelemetryMode };
  readonly providers?: readonly Provider[];
  readonly disabled?: boolean;
  readonly filter?: { readonly expression?: string };
}

export interface Telemetry extends KubeObject {
  readonly spec?: Selected & {
    readonly tracing?: readonly TracingRule[];
    readonly metrics?: readonly MetricsRule[];
    readonly accessLogging?: readonly AccessLoggingRule[];
  };
}
