import type { WorkloadMetadata } from '../../../net/network.ts';
import type { ProxyConfiguration } from '../../pilot/push/proxy-configuration.ts';
import {
  METRIC_NAMES,
  type MetricChange,
  metricChanges,
  type MetricId,
} from '../../pilot/push/telemetry/metrics.ts';
import type { Direction } from '../../xds/listener.ts';
import { expression } from './attributes.ts';
import { Counter, Families, Histogram } from './instruments.ts';
import { labelsOf, labelText, type MetricFacts, type ServiceLabels } from './labels.ts';
import { SERIES_LIMIT } from './limits.ts';
import type { LogEntry } from './log-entry.ts';

/** Counters and histograms of one set of labels, by the metric's id; those that are disabled are missing. */
export interface Series {
  readonly counters: ReadonlyMap<MetricId, Counter>;
  readonly histograms: ReadonlyMap<MetricId, Histogram>;
}

const HISTOGRAMS: readonly MetricId[] = ['REQUEST_DURATION', 'REQUEST_SIZE', 'RESPONSE_SIZE'];

/** What Telemetry changes in one direction, ready for use. */
interface Rules {
  readonly changes: ReadonlyMap<string, MetricChange> | undefined;
  /** Expressions whose values become labels, in order. */
  readonly expressions: readonly string[];
}

/** What was found last, and for what; only where no expression has to be asked. */
interface Recent {
  readonly facts: MetricFacts;
  readonly rules: Rules;
  readonly series: Series;
}

/** Istio's metrics of one proxy; of more than SERIES_LIMIT sets of labels the oldest are dropped. */
export class MetricSeries {
  readonly #counters = new Families('counter', () => new Counter());
  readonly #histograms = new Families('histogram', () => new Histogram());
  readonly #series = new Map<string, { readonly series: Series; readonly drop: () => void }>();
  /** By the service: one request after the other is mostly of the same kind, and needs no key. */
  #recent = new WeakMap<ServiceLabels, Recent>();
  readonly #rules = new WeakMap<ProxyConfiguration, Map<Direction, Rules>>();

  /** The series for what is known; undefined when nobody takes metrics. `entry` is asked for when labels are made from expressions. */
  find(
    facts: MetricFacts,
    ids: readonly MetricId[],
    configuration: ProxyConfiguration,
    entry: () => LogEntry,
  ): Series | undefined {
    const rules = this.#rulesFor(configuration, facts.direction);
    const { changes, expressions } = rules;
    if (!changes) return undefined;
    const recent = this.#recent.get(facts.service);
    if (recent?.rules === rules && isSame(recent.facts, facts)) return recent.series;
    const values = expressions.length === 0 ? NO_VALUES : evaluated(expressions, entry());
    const key = keyOf(facts, values, rules);
    let known = this.#series.get(key);
    if (!known) {
      known = this.#make(facts, ids, { changes, values });
      if (this.#series.size >= SERIES_LIMIT) this.#dropOldest();
      this.#series.set(key, known);
    }
    const { series } = known;
    if (expressions.length === 0) this.#recent.set(facts.service, { facts, rules, series });
    return series;
  }

  /** Sets counters to zero; histograms stay, as in Envoy. */
  resetCounters(): void {
    for (const counter of this.#counters.all()) counter.value = 0;
  }

  /** Prometheus' text format of the counters. */
  exposeCounters(): string {
    return this.#counters.expose();
  }

  exposeHistograms(): string {
    return this.#histograms.expose();
  }

  #make(
    facts: MetricFacts,
    ids: readonly MetricId[],
    {
      changes,
      values,
    }: {
      readonly changes: ReadonlyMap<string, MetricChange>;
      readonly values: ReadonlyMap<string, string>;
    },
  ): { readonly series: Series; readonly drop: () => void } {
    const counters = new Map<MetricId, Counter>();
    const histograms = new Map<MetricId, Histogram>();
    const drops: (() => void)[] = [];
    const usual = labelsOf(facts);
    const usualText = labelText(usual);
    for (const id of ids) {
      const change = changes.get(id);
      if (change?.isDisabled === true) continue;
      const name = METRIC_NAMES[id];
      const labels =
        change && change.tags.size > 0 ? labelText(changed(usual, change, values)) : usualText;
      if (HISTOGRAMS.includes(id)) {
        histograms.set(id, this.#histograms.of(name, labels));
        drops.push(() => this.#histograms.drop(name, labels));
      } else {
        counters.set(id, this.#counters.of(name, labels));
        drops.push(() => this.#counters.drop(name, labels));
      }
    }
    const drop = () => {
      for (const one of drops) one();
    };
    return { series: { counters, histograms }, drop };
  }

  #dropOldest(): void {
    const [oldest] = this.#series.values();
    if (!oldest) return;
    this.#recent = new WeakMap();
    oldest.drop();
    // Others that count in the same place would count what nobody sees any more.
    for (const [key, { series }] of this.#series) {
      if (isShared(series, oldest.series)) this.#series.delete(key);
    }
  }

  #rulesFor(configuration: ProxyConfiguration, direction: Direction): Rules {
    let known = this.#rules.get(configuration);
    if (!known) {
      known = new Map();
      this.#rules.set(configuration, known);
    }
    let rules = known.get(direction);
    if (!rules) {
      rules = rulesOf(metricChanges(configuration, direction));
      known.set(direction, rules);
    }
    return rules;
  }
}

function isShared(one: Series, other: Series): boolean {
  const among = new Set<object>([...other.counters.values(), ...other.histograms.values()]);
  return [...one.counters.values(), ...one.histograms.values()].some((each) => among.has(each));
}

const NO_VALUES: ReadonlyMap<string, string> = new Map();

function rulesOf(changes: ReadonlyMap<string, MetricChange> | undefined): Rules {
  const texts = [...(changes?.values() ?? [])].flatMap(({ tags }) => [...tags.values()]);
  return { changes, expressions: [...new Set(texts.filter((text) => text !== undefined))] };
}

/** Whether two requests for the same service are counted in the same place, by the changes that hold for both. */
function isSame(one: MetricFacts, other: MetricFacts): boolean {
  return (
    one.direction === other.direction &&
    one.source === other.source &&
    one.destination === other.destination &&
    one.code === other.code &&
    one.flags === other.flags &&
    one.isMutualTls === other.isMutualTls &&
    one.protocol === other.protocol &&
    one.grpcStatus === other.grpcStatus
  );
}

/** The same for requests that are counted in the same place, for the changes that hold. */
function keyOf(facts: MetricFacts, values: ReadonlyMap<string, string>, rules: Rules): string {
  const { source, destination, service } = facts;
  const key = `${facts.direction}|${nameOf(source)}|${nameOf(destination)}|${service.host}|${service.name}|${facts.code ?? ''}|${facts.flags}|${facts.isMutualTls}|${facts.protocol}|${facts.grpcStatus}`;
  if (!rules.changes || rules.changes.size === 0) return key;
  return `${key}|${changesKey(rules.changes)}|${JSON.stringify([...values.values()])}`;
}

function nameOf(workload: WorkloadMetadata | undefined): string {
  if (!workload) return '';
  const { namespace, workload: name, app, version, serviceAccount } = workload;
  return `${namespace}/${name}/${app}/${version}/${serviceAccount}`;
}

const keys = new WeakMap<ReadonlyMap<string, MetricChange>, string>();

function changesKey(changes: ReadonlyMap<string, MetricChange>): string {
  let key = keys.get(changes);
  if (key === undefined) {
    key = JSON.stringify(
      [...changes].map(([id, { isDisabled, tags }]) => [id, isDisabled, ...tags]),
    );
    keys.set(changes, key);
  }
  return key;
}

/** Values of labels by their expressions; `unknown` for those that come to nothing. */
function evaluated(expressions: readonly string[], entry: LogEntry): ReadonlyMap<string, string> {
  return new Map(
    expressions.map((text) => {
      return [text, tagText(expression(text)?.(entry))];
    }),
  );
}

function tagText(value: unknown): string {
  if (typeof value === 'string') return value;
  const isPlain = typeof value === 'number' || typeof value === 'bigint';
  return isPlain || typeof value === 'boolean' ? String(value) : 'unknown';
}

function changed(
  usual: ReadonlyMap<string, string>,
  { tags }: MetricChange,
  values: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const labels = new Map(usual);
  for (const [name, text] of tags) {
    if (text === undefined) labels.delete(name);
    else labels.set(name, values.get(text) ?? 'unknown');
  }
  return labels;
}
