/**
 * HorizontalPodAutoscaler in both versions (pkg/apis/autoscaling/v1, conversion). autoscaling/v1 has a field for the average
 * CPU utilization alone: the rest travels in annotations, and comes back when it is written in that version.
 */
import type { Json, JsonObject } from '../../kinds/object.ts';
import { at, isList, isObject, listAt, numberAt, objectAt, stringAt } from './json.ts';

const PREFIX = 'autoscaling.alpha.kubernetes.io/';
const METRICS = `${PREFIX}metrics`;
const BEHAVIOR = `${PREFIX}behavior`;
const CONDITIONS = `${PREFIX}conditions`;
const CURRENT_METRICS = `${PREFIX}current-metrics`;

/** What is aimed at, or what is measured. */
type Side = 'target' | 'current';

export function autoscalerToV1(autoscaler: JsonObject): JsonObject {
  const { metrics, behavior, ...spec } = objectAt(autoscaler, 'spec');
  const { currentMetrics, conditions, ...status } = objectAt(autoscaler, 'status');
  const others = listAt(metrics).filter(
    (metric) => cpuUtilization([metric], 'target') === undefined,
  );
  const carried = {
    ...(others.length > 0 && { [METRICS]: text(others.map((one) => plainMetric(one, 'target'))) }),
    ...(isObject(behavior) && { [BEHAVIOR]: text(renamed(behavior, toGoName)) }),
    ...(listAt(conditions).length > 0 && { [CONDITIONS]: text(conditions) }),
    ...(listAt(currentMetrics).length > 0 && {
      [CURRENT_METRICS]: text(listAt(currentMetrics).map((one) => plainMetric(one, 'current'))),
    }),
  };
  const target = cpuUtilization(listAt(metrics), 'target');
  const current = cpuUtilization(listAt(currentMetrics), 'current');
  return {
    ...withAnnotations(autoscaler, {
      ...objectAt(autoscaler, 'metadata', 'annotations'),
      ...carried,
    }),
    spec: { ...spec, ...(target !== undefined && { targetCPUUtilizationPercentage: target }) },
    status: {
      ...status,
      ...(current !== undefined && { currentCPUUtilizationPercentage: current }),
    },
  };
}

export function autoscalerToV2(autoscaler: JsonObject): JsonObject {
  const { targetCPUUtilizationPercentage: target, ...spec } = objectAt(autoscaler, 'spec');
  const { currentCPUUtilizationPercentage: current, ...status } = objectAt(autoscaler, 'status');
  const annotations = objectAt(autoscaler, 'metadata', 'annotations');
  const kept = Object.entries(annotations).filter(([name]) => !CARRIED.has(name));
  const others = parsedList(annotations[METRICS]).map((one) => fullMetric(one, 'target'));
  const metrics = [...(typeof target === 'number' ? [cpuMetric('target', target)] : []), ...others];
  const behavior = parsed(annotations[BEHAVIOR]);
  const conditions = parsedList(annotations[CONDITIONS]);
  const measured = parsedList(annotations[CURRENT_METRICS]).map((one) =>
    fullMetric(one, 'current'),
  );
  const known = typeof current === 'number' ? [cpuMetric('current', current)] : [];
  const currentMetrics = measured.length > 0 ? measured : known;
  return {
    ...withAnnotations(autoscaler, Object.fromEntries(kept)),
    spec: {
      ...spec,
      ...(metrics.length > 0 && { metrics }),
      ...(isObject(behavior) && { behavior: renamed(behavior, toJsonName) }),
    },
    ...(at(autoscaler, 'status') !== undefined && {
      status: {
        ...status,
        ...(currentMetrics.length > 0 && { currentMetrics }),
        ...(conditions.length > 0 && { conditions }),
      },
    }),
  };
}

const CARRIED: ReadonlySet<string> = new Set([METRICS, BEHAVIOR, CONDITIONS, CURRENT_METRICS]);

function withAnnotations(autoscaler: JsonObject, annotations: JsonObject): JsonObject {
  const { annotations: _before, ...metadata } = objectAt(autoscaler, 'metadata');
  const hasAny = Object.keys(annotations).length > 0;
  return { ...autoscaler, metadata: { ...metadata, ...(hasAny && { annotations }) } };
}

function cpuMetric(side: Side, averageUtilization: number): Json {
  const type = side === 'target' && { type: 'Utilization' };
  return { type: 'Resource', resource: { name: 'cpu', [side]: { ...type, averageUtilization } } };
}

function cpuUtilization(metrics: readonly Json[], side: Side): number | undefined {
  const cpu = metrics.find((metric) => stringAt(metric, 'resource', 'name') === 'cpu');
  return numberAt(cpu, 'resource', side, 'averageUtilization');
}

/** `ContainerResource` is described under `containerResource`. */
function sourceName(type: string): string {
  return `${type.slice(0, 1).toLowerCase()}${type.slice(1)}`;
}

/** Names of amounts in autoscaling/v1, by their name in v2; the target's in front. */
function amountNames(type: string, side: Side): Readonly<Record<string, string>> {
  const average = type === 'Object' ? 'averageValue' : `${side}AverageValue`;
  return {
    averageUtilization: `${side}AverageUtilization`,
    averageValue: average,
    value: `${side}Value`,
  };
}

/** A metric as autoscaling/v1 writes it: flat, the amounts named for their side. */
function plainMetric(metric: Json, side: Side): Json {
  const type = stringAt(metric, 'type') ?? '';
  const key = sourceName(type);
  const source = objectAt(metric, key);
  const { name: metricName, selector } = objectAt(source, 'metric');
  const amounts = Object.entries(amountNames(type, side)).flatMap(([from, to]) => {
    const amount = at(source, side, from);
    return amount === undefined || amount === null ? [] : [[to, amount]];
  });
  const isExternal = type === 'External';
  const flat: JsonObject = {
    ...(type === 'Object' && { target: source['describedObject'] }),
    ...(metricName !== undefined && { metricName }),
    ...(source['name'] !== undefined && { name: source['name'] }),
    ...(selector !== undefined && { [isExternal ? 'metricSelector' : 'selector']: selector }),
    ...Object.fromEntries(amounts),
    ...(source['container'] !== undefined && { container: source['container'] }),
  };
  return { type, [key]: flat };
}

/** The way back: a metric as autoscaling/v2 has it. */
function fullMetric(metric: Json, side: Side): Json {
  const type = stringAt(metric, 'type') ?? '';
  const key = sourceName(type);
  const { target: describedObject, metricName, name, container, ...flat } = objectAt(metric, key);
  const selector = flat['metricSelector'] ?? flat['selector'];
  const amounts = Object.entries(amountNames(type, side)).flatMap(([to, from]) => {
    const amount = flat[from];
    return amount === undefined ? [] : [[to, amount] as const];
  });
  const kind = side === 'target' && { type: amountType(amounts[0]?.[0]) };
  const measured = metricName !== undefined && {
    metric: { name: metricName, ...(selector !== undefined && { selector }) },
  };
  const source: JsonObject = {
    ...(type === 'Object' && { describedObject }),
    ...(name !== undefined && { name }),
    ...(container !== undefined && { container }),
    ...measured,
    [side]: { ...kind, ...Object.fromEntries(amounts) },
  };
  return { type, [key]: source };
}

function amountType(name: string | undefined): string {
  if (name === 'averageUtilization') return 'Utilization';
  return name === 'value' ? 'Value' : 'AverageValue';
}

/** The annotation holds the internal type, which Go writes by the names of its fields. */
function renamed(value: Json, rename: (key: string) => string): Json {
  if (isList(value)) return value.map((one) => renamed(one, rename));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) =>
      one === undefined || one === null ? [] : [[rename(key), renamed(one, rename)]],
    ),
  );
}

function toGoName(key: string): string {
  return `${key.slice(0, 1).toUpperCase()}${key.slice(1)}`;
}

function toJsonName(key: string): string {
  return `${key.slice(0, 1).toLowerCase()}${key.slice(1)}`;
}

function text(value: unknown): string {
  return JSON.stringify(value);
}

/** What an annotation holds; undefined when somebody has written something else into it. */
function parsed(annotation: Json | undefined): Json | undefined {
  if (typeof annotation !== 'string') return undefined;
  try {
    const value: { readonly json: Json } = { json: JSON.parse(annotation) };
    return value.json;
  } catch {
    return undefined;
  }
}

function parsedList(annotation: Json | undefined): readonly Json[] {
  const value = parsed(annotation);
  return isList(value) ? value : [];
}
