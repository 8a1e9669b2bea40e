import {
  at,
  isList,
  isObject,
  listAt,
  numberAt,
  objectAt,
  stringAt,
} from '../../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../../kinds/object.ts';
import { parseDurationMs } from '../../../../istio/duration.ts';
import type { BucketSettings } from './token-bucket.ts';

/** What is said of the limit of one filter, virtual host or route. */
export interface RateLimitSettings {
  readonly statPrefix: string;
  /** undefined: nothing is limited. */
  readonly bucket: BucketSettings | undefined;
  /** Which part of the requests is counted, and which part of those that are too many is refused; in percent. */
  readonly enabledPercent: number;
  readonly enforcedPercent: number;
  readonly status: number;
  readonly responseHeaders: readonly AddedHeader[];
  /** Of requests that are too many and go on all the same. */
  readonly requestHeaders: readonly AddedHeader[];
  /** Whether answers tell the limit (x-ratelimit-limit and others). */
  readonly tellsLimit: boolean;
  /** Parts of the settings that have no effect here. */
  readonly notSimulated: readonly string[];
}

export interface AddedHeader {
  readonly name: string;
  readonly value: string;
  readonly isAppended: boolean;
}

/**
 * Reads a LocalRateLimit as an EnvoyFilter has it, in a TypedStruct or plainly, with names of either form
 * (https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/local_ratelimit/v3/local_rate_limit.proto). Fractions that
 * are not there are none, as in Envoy.
 */
export function readRateLimit(written: object): RateLimitSettings {
  const value = isObject(written) ? written : {};
  const type = stringAt(value, '@type');
  const settings = type.endsWith('TypedStruct') ? objectAt(value, 'value') : value;
  const status = numberAt(objectAt(field(settings, 'status')), 'code') ?? 429;
  return {
    statPrefix: textOf(field(settings, 'stat_prefix')),
    bucket: bucketIn(field(settings, 'token_bucket')),
    enabledPercent: percentIn(field(settings, 'filter_enabled')),
    enforcedPercent: percentIn(field(settings, 'filter_enforced')),
    status: status < 400 ? 429 : status,
    responseHeaders: headersIn(field(settings, 'response_headers_to_add')),
    requestHeaders: headersIn(field(settings, 'request_headers_to_add_when_not_enforced')),
    tellsLimit: textOf(field(settings, 'enable_x_ratelimit_headers')) === 'DRAFT_VERSION_03',
    notSimulated: NOT_SIMULATED.filter((name) => isSet(field(settings, name))),
  };
}

const NOT_SIMULATED = ['descriptors', 'rate_limits', 'local_cluster_rate_limit'] as const;

function bucketIn(value: Json | undefined): BucketSettings | undefined {
  if (!isObject(value)) return undefined;
  const maxTokens = numberIn(field(value, 'max_tokens')) ?? 0;
  const fillIntervalMs = parseDurationMs(textOf(field(value, 'fill_interval'))) ?? 0;
  if (maxTokens <= 0 || fillIntervalMs <= 0) return undefined;
  return {
    maxTokens,
    tokensPerFill: numberIn(field(value, 'tokens_per_fill')) ?? 1,
    fillIntervalMs,
  };
}

function percentIn(value: Json | undefined): number {
  const fraction = objectAt(field(objectAt(value), 'default_value'));
  const numerator = numberIn(fraction['numerator']) ?? 0;
  return (numerator / (PARTS[stringAt(fraction, 'denominator')] ?? 100)) * 100;
}

const PARTS: Readonly<Record<string, number>> = { TEN_THOUSAND: 10_000, MILLION: 1_000_000 };

function headersIn(value: Json | undefined): readonly AddedHeader[] {
  return (isList(value) ? value : listAt(undefined)).flatMap((one) => {
    const header = objectAt(one, 'header');
    const name = stringAt(header, 'key').toLowerCase();
    const action = textOf(field(objectAt(one), 'append_action'));
    const append = at(one, 'append');
    // Envoy appends where nothing is said.
    const isAppended = append === undefined ? !action.startsWith('OVERWRITE') : append === true;
    return name === '' ? [] : [{ name, value: stringAt(header, 'value'), isAppended }];
  });
}

/** A field by its name in protobuf, or as JSON has it. */
function field(object: JsonObject, name: string): Json | undefined {
  return (
    object[name] ?? object[name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase())]
  );
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function numberIn(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function isSet(value: Json | undefined): boolean {
  return isList(value) ? value.length > 0 : value !== undefined && value !== null;
}
