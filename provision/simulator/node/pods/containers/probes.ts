import type { Clock } from '../../../clock.ts';
import { sleep } from '../../../clock.ts';
import type { Probe } from '../../../kinds/types/core.ts';
import { NetworkError } from '../../../net/network.ts';
import { FIRST_PROBE_RETRY_MS, STEADY_PROBE_MIN_MS } from '../../limits.ts';
import { untilAborted } from '../../shell/commands/until-aborted.ts';
import { type HandlerSubject, pathOf, portOf, runHandler } from './handlers.ts';

/** Undefined when the probe passed, else why not, in the kubelet's words. */
type ProbeResult = string | undefined;

export interface ProbeSubject extends HandlerSubject {
  readonly clock: Clock;
  readonly onStarted: () => void;
  readonly onReady: (isReady: boolean) => void;
  readonly onFailure: (kind: ProbeKind, message: string) => void;
  readonly onError: (kind: ProbeKind, message: string) => void;
  /** The liveness or startup probe has failed as often as it may. */
  readonly onUnhealthy: (kind: ProbeKind) => void;
}

export type ProbeKind = 'Startup' | 'Readiness' | 'Liveness';

/**
 * Runs a container's probes until the signal fires (Kubernetes, "Liveness, Readiness, and Startup Probes").
 *
 * Two liberties keep idle clusters cheap and starts quick: a probe that has not passed yet is tried again sooner than
 * its period, and one that passes is asked at most every ten seconds.
 */
export async function runProbes(
  subject: ProbeSubject,
  from: { readonly isStarted: boolean; readonly isReady: boolean },
  signal: AbortSignal,
): Promise<void> {
  const { startupProbe, readinessProbe, livenessProbe } = subject.container;
  try {
    if (startupProbe && !from.isStarted) await passOnce(startupProbe, subject, signal);
    if (!from.isStarted) subject.onStarted();
    if (!readinessProbe && !from.isReady) subject.onReady(true);
    await Promise.all([
      readinessProbe && watchReadiness(readinessProbe, from.isReady, subject, signal),
      livenessProbe && watchLiveness(livenessProbe, from.isStarted, subject, signal),
    ]);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function passOnce(probe: Probe, subject: ProbeSubject, signal: AbortSignal): Promise<void> {
  await pause(subject, (probe.initialDelaySeconds ?? 0) * 1000, signal);
  let failures = 0;
  for (let waitMs = FIRST_PROBE_RETRY_MS; ; waitMs *= 2) {
    const failure = await ask('Startup', probe, subject, signal);
    if (failure === undefined) return;
    if (waitMs >= periodMs(probe)) {
      failures++;
      subject.onFailure('Startup', failure);
      if (failures >= (probe.failureThreshold ?? 3)) subject.onUnhealthy('Startup');
    }
    await pause(subject, Math.min(waitMs, periodMs(probe)), signal);
  }
}

async function watchReadiness(
  probe: Probe,
  wasReady: boolean,
  subject: ProbeSubject,
  signal: AbortSignal,
): Promise<void> {
  const { failureThreshold = 3, successThreshold = 1, initialDelaySeconds = 0 } = probe;
  let isReady = wasReady;
  /** Answers in a row that speak for the other state. */
  let streak = 0;
  let waitMs = FIRST_PROBE_RETRY_MS;
  await pause(subject, isReady ? steadyMs(probe) : initialDelaySeconds * 1000, signal);
  for (;;) {
    const failure = await ask('Readiness', probe, subject, signal);
    streak = (failure === undefined) === isReady ? 0 : streak + 1;
    const isTold = isReady || waitMs >= periodMs(probe);
    if (failure !== undefined && isTold) subject.onFailure('Readiness', failure);
    if (streak >= (isReady ? failureThreshold : successThreshold)) {
      isReady = !isReady;
      streak = 0;
      subject.onReady(isReady);
    }
    const isSteady = isReady && streak === 0;
    await pause(subject, isSteady ? steadyMs(probe) : Math.min(waitMs, periodMs(probe)), signal);
    waitMs *= 2;
  }
}

async function watchLiveness(
  probe: Probe,
  wasStarted: boolean,
  subject: ProbeSubject,
  signal: AbortSignal,
): Promise<void> {
  if (!wasStarted) await pause(subject, (probe.initialDelaySeconds ?? 0) * 1000, signal);
  for (let failures = 0; ;) {
    const failure = await ask('Liveness', probe, subject, signal);
    failures = failure === undefined ? 0 : failures + 1;
    if (failure !== undefined) subject.onFailure('Liveness', failure);
    if (failures >= (probe.failureThreshold ?? 3)) {
      subject.onUnhealthy('Liveness');
      return;
    }
    await pause(subject, failures > 0 ? periodMs(probe) : steadyMs(probe), signal);
  }
}

function periodMs(probe: Probe): number {
  return (probe.periodSeconds ?? 10) * 1000;
}

function steadyMs(probe: Probe): number {
  return Math.max(periodMs(probe), STEADY_PROBE_MIN_MS);
}

function pause({ clock }: ProbeSubject, delayMs: number, signal: AbortSignal): Promise<void> {
  return sleep(clock, delayMs, signal);
}

class ProbeTimeout extends Error {}

/** A probe that could not be made says nothing about the container. */
class ProbeError extends Error {}

/** The answer of a probe; it is asked again until it has one. */
async function ask(
  kind: ProbeKind,
  probe: Probe,
  subject: ProbeSubject,
  signal: AbortSignal,
): Promise<ProbeResult> {
  for (;;) {
    const answer = await check(probe, subject, signal);
    if (!(answer instanceof ProbeError)) return answer;
    subject.onError(kind, answer.message);
    await pause(subject, periodMs(probe), signal);
  }
}

async function check(
  probe: Probe,
  subject: ProbeSubject,
  signal: AbortSignal,
): Promise<ProbeResult | ProbeError> {
  const timeout = new AbortController();
  const limitMs = (probe.timeoutSeconds ?? 1) * 1000;
  using timer = subject.clock.after(limitMs, () => timeout.abort(new ProbeTimeout()));
  void timer;
  const either = AbortSignal.any([signal, timeout.signal]);
  try {
    return await untilAborted(runHandler(probe, subject, either), either);
  } catch (error) {
    if (signal.aborted) throw error;
    const isAnswered = error instanceof ProbeTimeout || error instanceof NetworkError;
    if (!isAnswered) return new ProbeError(runtimeText(error));
    return failureText(probe, subject, error);
  }
}

/** What the container's runtime says, without what the API server would put before it. */
function runtimeText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const own = message.indexOf('failed to exec in container');
  return own < 0 ? message : `rpc error: code = Unknown desc = ${message.slice(own)}`;
}

function failureText(probe: Probe, { podIp, container }: ProbeSubject, error: unknown): string {
  const get = probe.httpGet;
  const { host = podIp, port } = get ?? probe.tcpSocket ?? { port: probe.grpc?.port ?? 0 };
  const at = `${host || podIp}:${portOf(port, container)}`;
  const reason = reasonOf(error);
  if (probe.exec) {
    const seconds = `${probe.timeoutSeconds ?? 1}s`;
    return `command timed out: "${(probe.exec.command ?? []).join(' ')}" timed out after ${seconds}`;
  }
  if (error instanceof ProbeTimeout && get) {
    const waiting = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
    return `Get "${schemeOf(get)}://${at}${pathOf(get)}": ${waiting}`;
  }
  if (probe.grpc) {
    const seconds = `${probe.timeoutSeconds ?? 1}s`;
    return `timeout: failed to connect service "${at}" within ${seconds}: context deadline exceeded`;
  }
  const dialing = `dial tcp ${at}: ${reason}`;
  return get ? `Get "${schemeOf(get)}://${at}${pathOf(get)}": ${dialing}` : dialing;
}

function schemeOf({ scheme = 'HTTP' }: NonNullable<Probe['httpGet']>): string {
  return scheme.toLowerCase();
}

function reasonOf(error: unknown): string {
  const code = error instanceof NetworkError ? error.code : undefined;
  if (code === 'ECONNREFUSED') return 'connect: connection refused';
  if (code === 'EHOSTUNREACH') return 'connect: no route to host';
  return code === 'ECONNRESET' ? 'read: connection reset by peer' : 'i/o timeout';
}
