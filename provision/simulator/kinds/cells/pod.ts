import { at, isObject, listAt, numberAt, objectAt, stringAt } from '../json.ts';
import type { Json, JsonObject, KubeObject } from '../object.ts';
/** Cells of pods (Kubernetes, pkg/printers/internalversion: printPod). */
import { age } from '../values/age.ts';
import { conditionAt } from './conditions.ts';

/** `Running`, `CrashLoopBackOff`, `Init:0/1`, `Terminating` …: what `kubectl get pods` shows as STATUS. */
export function podStatus(pod: KubeObject): string {
  const reason = aliveStatus(pod);
  if (pod.metadata.deletionTimestamp === undefined) return reason;
  if (stringAt(pod, 'status', 'reason') === 'NodeLost') return 'Unknown';
  return isFinished(pod) ? reason : 'Terminating';
}

/** Ready containers of all, native sidecars included. */
export function podReady(pod: KubeObject): string {
  const sidecars = sidecarNames(pod);
  const total = listAt(pod, 'spec', 'containers').length + sidecars.size;
  const ready = [
    ...reachedInits(pod).filter((status) => isStartedSidecar(status, sidecars) && isReady(status)),
    ...(isInitializing(pod) ? [] : listAt(pod, 'status', 'containerStatuses').filter(isServing)),
  ];
  return `${ready.length}/${total}`;
}

/** `3`, or `3 (5m ago)` when it is known when a container last ended. */
export function podRestarts(pod: KubeObject, nowMs: number): string {
  const sidecars = sidecarNames(pod);
  const inits = reachedInits(pod);
  const counted = isInitializing(pod)
    ? inits
    : [
        ...inits.filter((status) => sidecars.has(stringAt(status, 'name'))),
        ...listAt(pod, 'status', 'containerStatuses'),
      ];
  const restarts = sum(counted.map((status) => numberAt(status, 'restartCount') ?? 0));
  const last = counted
    .map((status) => stringAt(status, 'lastState', 'terminated', 'finishedAt'))
    .toSorted()
    .at(-1);
  return restarts === 0 || last === undefined || last === ''
    ? String(restarts)
    : `${restarts} (${age(last, nowMs)} ago)`;
}

/** Readiness gates that are met of all, `<none>` without gates. */
export function podReadinessGates(pod: KubeObject): string {
  const gates = listAt(pod, 'spec', 'readinessGates');
  if (gates.length === 0) return '<none>';
  const met = gates.filter(
    (gate) => conditionStatus(pod, stringAt(gate, 'conditionType')) === 'True',
  );
  return `${met.length}/${gates.length}`;
}

/** A finished pod's row says so. */
export function podRowConditions(pod: KubeObject): readonly JsonObject[] {
  const phase = stringAt(pod, 'status', 'phase');
  const message = FINISHED[phase];
  return message === undefined
    ? []
    : [{ type: 'Completed', status: 'True', reason: phase, message }];
}

const FINISHED: Readonly<Record<string, string>> = {
  Succeeded: 'The pod has completed successfully.',
  Failed: 'The pod failed.',
};

function aliveStatus(pod: KubeObject): string {
  const isGated = stringAt(conditionAt(pod, 'PodScheduled'), 'reason') === 'SchedulingGated';
  const phase = stringAt(pod, 'status', 'reason') || stringAt(pod, 'status', 'phase');
  const start = initStatus(pod) ?? (isGated ? 'SchedulingGated' : phase);
  return isInitializing(pod) ? start : containersStatus(pod, start);
}

function isInitializing(pod: KubeObject): boolean {
  return initStatus(pod) !== undefined && conditionStatus(pod, 'Initialized') !== 'True';
}

/** Statuses of init containers up to the first that is not done; it and what is done before count in a row. */
function reachedInits(pod: KubeObject): readonly Json[] {
  const statuses = listAt(pod, 'status', 'initContainerStatuses');
  const index = unfinishedInit(pod);
  return index === -1 ? statuses : statuses.slice(0, index + 1);
}

function unfinishedInit(pod: KubeObject): number {
  const statuses = listAt(pod, 'status', 'initContainerStatuses');
  if (statuses.length === 0) return -1;
  const sidecars = sidecarNames(pod);
  return statuses.findIndex((status) => !isInitDone(status, sidecars));
}

/** What the first init container that is not done says; undefined when all are. */
function initStatus(pod: KubeObject): string | undefined {
  const total = listAt(pod, 'spec', 'initContainers').length;
  const index = unfinishedInit(pod);
  if (index === -1) return undefined;
  const status = listAt(pod, 'status', 'initContainerStatuses')[index];
  const terminated = objectAt(status, 'state', 'terminated');
  if (isObject(objectAt(status, 'state')['terminated'])) return `Init:${endText(terminated)}`;
  const waiting = stringAt(status, 'state', 'waiting', 'reason');
  if (waiting !== '' && waiting !== 'PodInitializing') return `Init:${waiting}`;
  return `Init:${index}/${total}`;
}

function isInitDone(status: Json, sidecars: ReadonlySet<string>): boolean {
  if (numberAt(status, 'state', 'terminated', 'exitCode') === 0) return true;
  return isStartedSidecar(status, sidecars);
}

function isStartedSidecar(status: Json, sidecars: ReadonlySet<string>): boolean {
  return sidecars.has(stringAt(status, 'name')) && at(status, 'started') === true;
}

function containersStatus(pod: KubeObject, start: string): string {
  let reason = start;
  let isRunning = false;
  for (const status of listAt(pod, 'status', 'containerStatuses').toReversed()) {
    const state = objectAt(status, 'state');
    const waiting = stringAt(state, 'waiting', 'reason');
    if (waiting !== '') reason = waiting;
    else if (isObject(state['terminated'])) reason = endText(state['terminated']);
    else if (isServing(status)) isRunning = true;
  }
  if (reason !== 'Completed' || !isRunning) return reason;
  return conditionStatus(pod, 'Ready') === 'True' ? 'Running' : 'NotReady';
}

function endText(terminated: JsonObject): string {
  const reason = stringAt(terminated, 'reason');
  if (reason !== '') return reason;
  const signal = numberAt(terminated, 'signal') ?? 0;
  return signal === 0 ? `ExitCode:${numberAt(terminated, 'exitCode') ?? 0}` : `Signal:${signal}`;
}

function conditionStatus(pod: KubeObject, type: string): string {
  return stringAt(conditionAt(pod, type), 'status');
}

function sidecarNames(pod: KubeObject): ReadonlySet<string> {
  const inits = listAt(pod, 'spec', 'initContainers');
  if (inits.length === 0) return NO_NAMES;
  return new Set(
    inits
      .filter((container) => stringAt(container, 'restartPolicy') === 'Always')
      .map((container) => stringAt(container, 'name')),
  );
}

const NO_NAMES: ReadonlySet<string> = new Set();

function isReady(status: Json): boolean {
  return at(status, 'ready') === true;
}

/** Ready, and neither waiting for something nor ended. */
function isServing(status: Json): boolean {
  const state = objectAt(status, 'state');
  const isWaiting = stringAt(state, 'waiting', 'reason') !== '';
  return isReady(status) && isObject(state['running']) && !isWaiting;
}

function isFinished(pod: KubeObject): boolean {
  const phase = stringAt(pod, 'status', 'phase');
  return phase === 'Succeeded' || phase === 'Failed';
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
