import type { ProxyConfiguration } from '../../pilot/push/proxy-configuration.ts';
import { type AccessLogConfig, accessLogsOf } from '../../pilot/push/telemetry/access-logs.ts';
import type { Direction } from '../../xds/listener.ts';
import { expression } from './attributes.ts';
import type { LogEntry } from './log-entry.ts';
import { type FormatLine, jsonFormat, textFormat } from './log-format.ts';

/** Writes an entry to one log. */
export interface AccessLog {
  /** `/dev/stdout` */
  readonly path: string;
  readonly format: FormatLine;
  readonly isWanted: (entry: LogEntry) => boolean;
}

const kept = new WeakMap<ProxyConfiguration, Map<Direction, readonly AccessLog[]>>();

/** The access logs of a proxy in one direction; none when nobody wants them. */
export function accessLogsFor(
  configuration: ProxyConfiguration,
  direction: Direction,
): readonly AccessLog[] {
  let known = kept.get(configuration);
  if (!known) {
    known = new Map();
    kept.set(configuration, known);
  }
  let logs = known.get(direction);
  if (!logs) {
    logs = accessLogsOf(configuration, direction).map(accessLog);
    known.set(direction, logs);
  }
  return logs;
}

function accessLog({ path, format, filter }: AccessLogConfig): AccessLog {
  return {
    path,
    format: format.type === 'text' ? textFormat(format.text) : jsonFormat(format.labels),
    isWanted: filter === undefined ? () => true : matching(filter),
  };
}

/** Envoy refuses a listener whose expression is no CEL; here nothing is logged then. */
function matching(filter: string): (entry: LogEntry) => boolean {
  const read = expression(filter);
  return (entry) => read?.(entry) === true;
}
