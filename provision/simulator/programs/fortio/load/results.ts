import { goDuration } from '../../go/duration.ts';
import { goNumber } from '../../go/number.ts';
import type { FortioOptions } from '../command-line.ts';
import type { Counter } from '../histogram.ts';
import { LATEST_VERSION } from '../version.ts';
import { actualQps, addressCounts, connectTimes, type FinishedRun } from './report.ts';

/** Longest name of a run (fortio, `GenID`). */
const ID_LIMIT_CHARS = 96;

/** What a run is called, of its time and labels: `2026-11-26-012345_httpbin_8000_get_fortio`. */
function runId(
  labels: string,
  { runId: number }: { readonly runId: number },
  startMs: number,
): string {
  const [date = '', time = ''] = new Date(startMs).toISOString().split('T');
  const base = `${date}-${time.slice(0, 8).replaceAll(':', '')}${number === 0 ? '' : `_${number}`}`;
  const words = labels.replaceAll(/[^a-zA-Z0-9]+/g, '_').replaceAll(/^_|_$/g, '');
  return `${base}${words === '' ? '' : `_${words}`}`.slice(0, ID_LIMIT_CHARS);
}

/** A run as fortio's JSON has it (fortio, `HTTPRunnerResults`); durations are in nanoseconds there. */
export function resultsJson(
  run: FinishedRun,
  {
    fortio,
    labels,
    startMs,
  }: { readonly fortio: FortioOptions; readonly labels: string; readonly startMs: number },
) {
  const { options, tally, elapsedMs, connections } = run;
  const { percentiles, calls } = options;
  const isCut = calls > 0 && tally.calls.count !== calls;
  const asked =
    calls > 0
      ? `exactly ${calls} calls`
      : options.durationMs > 0
        ? goDuration(options.durationMs)
        : 'until stop';
  const sockets = connections.map((connection) => connection.sockets);
  return {
    RunType: 'HTTP',
    Labels: labels,
    StartTime: new Date(startMs).toISOString(),
    RequestedQPS: options.qps > 0 ? goNumber(options.qps, 9) : 'max',
    RequestedDuration: isCut ? `${asked}, interrupted after ${tally.calls.count}` : asked,
    ActualQPS: actualQps(run),
    ActualDuration: Math.round(elapsedMs * 1e6),
    NumThreads: connections.length,
    Version: LATEST_VERSION,
    DurationHistogram: tally.calls.toJson(percentiles),
    ErrorsDurationHistogram: tally.errors.toJson(percentiles),
    Exactly: calls,
    Jitter: options.jitter,
    Uniform: options.uniform,
    NoCatchUp: !options.catchesUp,
    RunID: options.runId,
    AccessLoggerInfo: '',
    ID: runId(labels, options, startMs),
    RetCodes: Object.fromEntries([...tally.codes].map(([code, count]) => [String(code), count])),
    IPCountMap: Object.fromEntries(addressCounts(connections)),
    Insecure: fortio.isInsecure,
    MTLS: false,
    CACert: fortio.caFile,
    Cert: fortio.certificateFile,
    Key: fortio.keyFile,
    UnixDomainSocket: '',
    URL: fortio.url,
    NumConnections: 1,
    Compression: false,
    DisableFastClient: false,
    HTTP10: false,
    H2: false,
    DisableKeepAlive: !fortio.keepsAlive,
    AllowHalfClose: false,
    FollowRedirects: false,
    Resolve: fortio.resolve,
    HTTPReqTimeOut: Math.round(fortio.timeoutMs * 1e6),
    UserCredentials: '',
    ContentType: '',
    Payload: Buffer.from(fortio.payload).toString('base64'),
    MethodOverride: fortio.method === 'GET' ? '' : fortio.method,
    LogErrors: fortio.logsErrors,
    SequentialWarmup: false,
    ConnReuseRange: [0, 0],
    NoResolveEachConn: false,
    Offset: Math.round(options.offset * 1e9),
    Resolution: options.resolution,
    Sizes: summary(tally.sizes),
    HeaderSizes: summary(tally.headSizes),
    Sockets: sockets,
    SocketCount: sockets.reduce((sum, count) => sum + count, 0),
    ConnectionStats: connectTimes(connections, options).toJson(percentiles),
    AbortOn: options.abortOn,
  };
}

/** Sizes are counted without buckets here. */
function summary(counter: Counter) {
  return {
    Count: counter.count,
    Min: counter.min,
    Max: counter.max,
    Sum: counter.sum,
    Avg: counter.average,
    StdDev: counter.deviation,
    Data: null,
  };
}
