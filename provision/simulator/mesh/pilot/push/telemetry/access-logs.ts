import { objectAt, stringAt, textsAt } from '../../../../kinds/json.ts';
import type { AccessLoggingRule } from '../../../istio/telemetry.ts';
import type { Direction } from '../../../xds/listener.ts';
import type { ProxyConfiguration } from '../proxy-configuration.ts';
import { inMode, telemetriesFor } from './attached.ts';
import { providerNamed } from './providers.ts';

/** One access log that a proxy writes in one direction (Envoy's envoy.access_loggers.file). */
export interface AccessLogConfig {
  /** `/dev/stdout` */
  readonly path: string;
  readonly format:
    /** Empty: Istio's default. */
    | { readonly type: 'text'; readonly text: string }
    /** undefined: Istio's default. */
    | { readonly type: 'json'; readonly labels: Readonly<Record<string, unknown>> | undefined };
  /** CEL: entries for which it is not true are left out. */
  readonly filter: string | undefined;
}

/**
 * The access logs of a proxy: those of its Telemetry objects, else what the mesh's accessLogFile says
 * (https://istio.io/latest/docs/tasks/observability/logs/telemetry-api/).
 */
export function accessLogsOf(
  configuration: ProxyConfiguration,
  direction: Direction,
): readonly AccessLogConfig[] {
  const { mesh } = configuration;
  const rules = telemetriesFor(configuration).flatMap(({ spec }) => spec?.accessLogging ?? []);
  const defaults = textsAt(mesh.config.written, 'defaultProviders', 'accessLogging');
  if (rules.length === 0 && defaults.length === 0) {
    return mesh.config.accessLogFile === '' ? [] : [ofMesh(configuration, undefined)];
  }
  return [...merged(rules, direction, defaults)].flatMap(([name, { isDisabled, filter }]) => {
    const config = isDisabled ? undefined : ofProvider(name, configuration, filter);
    return config ? [config] : [];
  });
}

interface Merged {
  readonly isDisabled: boolean;
  readonly filter: string | undefined;
}

/** Rules from the mesh's to the workload's own: the last that names providers says which there are, each refines what it is for. */
function merged(
  rules: readonly AccessLoggingRule[],
  direction: Direction,
  defaults: readonly string[],
): ReadonlyMap<string, Merged> {
  const first = defaults.length > 0 ? defaults : [BUILT_IN];
  const last = rules.findLast((rule) => namesIn(rule).length > 0);
  const wanted = last ? namesIn(last) : first;
  const logs = new Map<string, Merged>();
  if (defaults.length > 0 && !last) {
    for (const name of wanted) logs.set(name, { isDisabled: false, filter: undefined });
  }
  let inherited = first;
  for (const rule of rules) {
    const own = namesIn(rule);
    inherited = own.length > 0 ? own : inherited;
    if (!inMode(rule.match?.mode, direction)) continue;
    for (const name of inherited.filter((one) => wanted.includes(one))) {
      const filter = rule.filter?.expression ?? logs.get(name)?.filter;
      logs.set(name, { isDisabled: rule.disabled === true, filter });
    }
  }
  return logs;
}

/** The provider that is there without being defined. */
const BUILT_IN = 'envoy';

function ofProvider(
  name: string,
  configuration: ProxyConfiguration,
  filter: string | undefined,
): AccessLogConfig | undefined {
  const provider = providerNamed(name, configuration.mesh.config.written);
  if (!provider) return name === BUILT_IN ? ofMesh(configuration, filter) : undefined;
  const file = objectAt(provider, 'envoyFileAccessLog');
  const path = stringAt(file, 'path');
  if (path === '') return undefined;
  const format = objectAt(file, 'logFormat');
  const labels = format['labels'];
  return {
    path,
    filter,
    format:
      labels === undefined
        ? { type: 'text', text: stringAt(format, 'text') }
        : { type: 'json', labels: given(objectAt(format, 'labels')) },
  };
}

function ofMesh(
  { mesh: { config } }: ProxyConfiguration,
  filter: string | undefined,
): AccessLogConfig {
  const { accessLogFile, accessLogEncoding, accessLogFormat } = config;
  const path = accessLogFile || '/dev/stdout';
  if (accessLogEncoding === 'TEXT') {
    return { path, filter, format: { type: 'text', text: accessLogFormat } };
  }
  return { path, filter, format: { type: 'json', labels: labelsIn(accessLogFormat) } };
}

function labelsIn(text: string): Readonly<Record<string, unknown>> | undefined {
  if (text === '') return undefined;
  try {
    return given(objectAt({ format: JSON.parse(text) }, 'format'));
  } catch {
    // istiod logs what is wrong with the format, and uses its default.
    return undefined;
  }
}

function given(
  labels: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> | undefined {
  return Object.keys(labels).length > 0 ? labels : undefined;
}

function namesIn({ providers = [] }: AccessLoggingRule): readonly string[] {
  return providers.flatMap(({ name }) => (name === undefined ? [] : [name]));
}
