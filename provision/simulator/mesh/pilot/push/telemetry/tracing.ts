import { at, numberAt, objectAt, stringAt, textsAt } from '../../../../kinds/json.ts';
import type { JsonObject } from '../../../../kinds/object.ts';
import type { CustomTag, TracingRule } from '../../../istio/telemetry.ts';
import type { Direction } from '../../../xds/listener.ts';
import type { ProxyConfiguration } from '../proxy-configuration.ts';
import { inMode, telemetriesFor } from './attached.ts';
import { providerNamed } from './providers.ts';

/** Where spans go, and in which words contexts travel. */
export interface TracingProvider {
  /** zipkin speaks B3, opentelemetry W3C's Trace Context. */
  readonly type: 'zipkin' | 'opentelemetry';
  readonly host: string;
  readonly port: number;
  /** Path of OTLP over HTTP; undefined for gRPC. */
  readonly path: string | undefined;
}

/** How a proxy traces in one direction. */
export interface TracingConfig {
  readonly provider: TracingProvider;
  /** Share of requests whose caller has not decided, in percent. */
  readonly samplingPercent: number;
  readonly reportsSpans: boolean;
  readonly propagatesContext: boolean;
  /** Whether the decision travels in x-request-id. */
  readonly usesRequestId: boolean;
  readonly addsIstioTags: boolean;
  readonly customTags: Readonly<Record<string, CustomTag>>;
}

/**
 * How a proxy traces by its Telemetry objects and the mesh's providers; undefined when nobody takes spans
 * (https://istio.io/latest/docs/tasks/observability/distributed-tracing/telemetry-api/). Of each field the last rule that says something
 * counts, from the mesh's to the workload's own.
 */
export function tracingOf(
  configuration: ProxyConfiguration,
  direction: Direction,
): TracingConfig | undefined {
  const rules = telemetriesFor(configuration)
    .flatMap(({ spec }) => spec?.tracing ?? [])
    .filter(({ match }) => inMode(match?.mode, direction));
  const { written } = configuration.mesh.config;
  const provider = providerOf(rules, written);
  if (!provider) return undefined;
  const last = <T>(read: (rule: TracingRule) => T | undefined) =>
    rules.map(read).findLast((value) => value !== undefined);
  const percent =
    last((rule) => rule.randomSamplingPercentage) ??
    numberAt(written, 'defaultConfig', 'tracing', 'sampling') ??
    configuration.mesh.traceSampling ??
    DEFAULT_PERCENT;
  return {
    provider,
    samplingPercent: Math.min(Math.max(percent, 0), 100),
    reportsSpans: last((rule) => rule.disableSpanReporting) !== true,
    propagatesContext: last((rule) => rule.disableContextPropagation) !== true,
    usesRequestId: last((rule) => rule.useRequestIdForTraceSampling) !== false,
    addsIstioTags: last((rule) => rule.enableIstioTags) !== false,
    customTags: last((rule) => rule.customTags) ?? {},
  };
}

/** istiod's own default, PILOT_TRACE_SAMPLING. */
const DEFAULT_PERCENT = 1;
const ZIPKIN_PORT = 9411;

function providerOf(
  rules: readonly TracingRule[],
  written: JsonObject,
): TracingProvider | undefined {
  const named = rules.findLast(({ providers = [] }) => providers.length > 0)?.providers;
  const name = named?.[0]?.name ?? textsAt(written, 'defaultProviders', 'tracing')[0];
  if (name === undefined) return ofProxyConfig(written);
  const provider = providerNamed(name, written);
  for (const type of ['zipkin', 'opentelemetry'] as const) {
    const settings = objectAt(provider, type);
    const host = stringAt(settings, 'service');
    const port = numberAt(settings, 'port');
    if (host === '' || port === undefined) continue;
    const http = at(settings, 'http');
    return {
      type,
      host: host.split('/').at(-1) ?? host,
      port,
      path: http === undefined ? undefined : stringAt(http, 'path') || '/v1/traces',
    };
  }
  return undefined;
}

/** The mesh's defaultConfig.tracing.zipkin, as before the Telemetry API. */
function ofProxyConfig(written: JsonObject): TracingProvider | undefined {
  const address = stringAt(written, 'defaultConfig', 'tracing', 'zipkin', 'address');
  if (address === '' || at(written, 'enableTracing') === false) return undefined;
  const [host = '', port = ZIPKIN_PORT] = address.split(':');
  return { type: 'zipkin', host, port: Number(port), path: undefined };
}
