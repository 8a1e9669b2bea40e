import { isObject } from '../../../kinds/json.ts';
import { FORMATS_LIMIT } from './limits.ts';
import type { LogEntry } from './log-entry.ts';
import { type LogValue, operator, type ReadValue } from './log-operators.ts';

/** A line of an access log, without its end. */
export type FormatLine = (entry: LogEntry) => string;

/**
 * Istio's default format (https://istio.io/latest/docs/tasks/observability/logs/access-log/), and what JSON calls each of its values.
 */
const DEFAULT_TEXT =
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER_RAW% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%';

const DEFAULT_JSON: Readonly<Record<string, string>> = {
  start_time: '%START_TIME%',
  route_name: '%ROUTE_NAME%',
  method: '%REQ(:METHOD)%',
  path: '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%',
  protocol: '%PROTOCOL%',
  response_code: '%RESPONSE_CODE%',
  response_flags: '%RESPONSE_FLAGS%',
  response_code_details: '%RESPONSE_CODE_DETAILS%',
  connection_termination_details: '%CONNECTION_TERMINATION_DETAILS%',
  bytes_received: '%BYTES_RECEIVED%',
  bytes_sent: '%BYTES_SENT%',
  duration: '%DURATION%',
  upstream_service_time: '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%',
  x_forwarded_for: '%REQ(X-FORWARDED-FOR)%',
  user_agent: '%REQ(USER-AGENT)%',
  request_id: '%REQ(X-REQUEST-ID)%',
  authority: '%REQ(:AUTHORITY)%',
  upstream_host: '%UPSTREAM_HOST%',
  upstream_cluster: '%UPSTREAM_CLUSTER_RAW%',
  upstream_local_address: '%UPSTREAM_LOCAL_ADDRESS%',
  downstream_local_address: '%DOWNSTREAM_LOCAL_ADDRESS%',
  downstream_remote_address: '%DOWNSTREAM_REMOTE_ADDRESS%',
  requested_server_name: '%REQUESTED_SERVER_NAME%',
  upstream_transport_failure_reason: '%UPSTREAM_TRANSPORT_FAILURE_REASON%',
};

const formats = new Map<string, FormatLine>();

/** Lines of text by Envoy's format strings; empty: Istio's default. */
export function textFormat(format: string): FormatLine {
  return remembered(`text ${format}`, () => {
    const parts = partsOf(format === '' ? DEFAULT_TEXT : format.replace(/\n$/, ''));
    return (entry) => filledIn(parts, entry);
  });
}

/** Objects of JSON, their keys in order; values of single operators keep their type, and are null when not known. */
export function jsonFormat(format: Readonly<Record<string, unknown>> = DEFAULT_JSON): FormatLine {
  return remembered(`json ${JSON.stringify(format)}`, () => {
    const read = objectReader(format);
    return (entry) => JSON.stringify(read(entry));
  });
}

function remembered(key: string, make: () => FormatLine): FormatLine {
  const known = formats.get(key);
  if (known) return known;
  if (formats.size >= FORMATS_LIMIT) formats.clear();
  const made = make();
  formats.set(key, made);
  return made;
}

type ReadJson = (entry: LogEntry) => unknown;

function objectReader(format: Readonly<Record<string, unknown>>): ReadJson {
  const fields = Object.entries(format)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]): readonly [string, ReadJson] => [key, valueReader(value)]);
  return (entry) => Object.fromEntries(fields.map(([key, read]) => [key, read(entry)]));
}

function valueReader(value: unknown): ReadJson {
  if (isObject(value)) return objectReader(value);
  if (typeof value !== 'string') return () => value;
  const parts = partsOf(value);
  const [only] = parts;
  if (parts.length === 1 && typeof only === 'function') return (entry) => only(entry) ?? null;
  return (entry) => filledIn(parts, entry);
}

/** Joined at once: a text that is added to piece by piece keeps every piece in memory as long as its line is kept. */
function filledIn(parts: readonly (string | ReadValue)[], entry: LogEntry): string {
  return parts.map((part) => (typeof part === 'string' ? part : (part(entry) ?? '-'))).join('');
}

const OPERATOR = /%(?:([A-Z0-9_]+)(?:\(([^()]*)\))?(?::(\d+))?)?%/g;

/** Text as it stands, and operators; `%%` is a percent sign. */
function partsOf(format: string): readonly (string | ReadValue)[] {
  const parts: (string | ReadValue)[] = [];
  let end = 0;
  for (const { 0: written, 1: name, 2: argument = '', 3: limit, index } of format.matchAll(
    OPERATOR,
  )) {
    if (index > end) parts.push(format.slice(end, index));
    end = index + written.length;
    if (name === undefined) parts.push('%');
    else parts.push(shortened(operator(name, argument), limit));
  }
  if (end < format.length) parts.push(format.slice(end));
  return parts;
}

function shortened(read: ReadValue, limit: string | undefined): ReadValue {
  if (limit === undefined) return read;
  return (entry): LogValue => {
    const value = read(entry);
    return typeof value === 'string' ? value.slice(0, Number(limit)) : value;
  };
}
