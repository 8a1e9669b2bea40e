import type {
  Condition,
  Container,
  ContainerStatus,
  Pod,
  PodStatus,
} from '../../kinds/types/core.ts';

/** What a kubelet knows of a pod at one moment. */
export interface PodFacts {
  readonly pod: Pod;
  readonly now: string;
  readonly podIp: string | undefined;
  readonly hostIp: string;
  readonly startTime: string;
  /** Whether the pod has its place on the network. */
  readonly hasSandbox: boolean;
  readonly initContainers: readonly ContainerStatus[];
  readonly containers: readonly ContainerStatus[];
  readonly ephemeralContainers: readonly ContainerStatus[];
  readonly isTerminating: boolean;
  readonly verdict: Verdict | undefined;
  /** What stands in the way of other resources. */
  readonly resize: Omit<Condition, 'lastTransitionTime'> | undefined;
}

/** What a node has made of a pod that it does not want to run any more, or not at all. */
export interface Verdict {
  readonly phase: 'Failed';
  readonly reason: string;
  readonly message: string;
}

/** The status a kubelet writes (kubernetes/pkg/kubelet/status); conditions keep their time while they stay the same. */
export function podStatus(facts: PodFacts): PodStatus & { readonly observedGeneration?: number } {
  const { pod, podIp, hostIp } = facts;
  const phase = facts.verdict?.phase ?? podPhase(facts);
  const { generation } = pod.metadata;
  const { verdict, ephemeralContainers } = facts;
  if (verdict && facts.containers.length === 0) return rejected(facts, verdict);
  return {
    ...(generation !== undefined && { observedGeneration: generation }),
    phase,
    ...(verdict && { reason: verdict.reason, message: verdict.message }),
    conditions: conditions(facts, phase),
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(podIp !== undefined && { podIP: podIp, podIPs: [{ ip: podIp }] }),
    startTime: facts.startTime,
    ...(facts.initContainers.length > 0 && { initContainerStatuses: facts.initContainers }),
    containerStatuses: facts.containers.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ...(ephemeralContainers.length > 0 && { ephemeralContainerStatuses: ephemeralContainers }),
    qosClass: qosClass([...pod.spec.containers, ...(pod.spec.initContainers ?? [])]),
  };
}

/** A pod that the node would not have has no containers to tell of. */
function rejected({ pod, startTime }: PodFacts, { phase, reason, message }: Verdict): PodStatus {
  const { conditions: known = [] } = pod.status;
  return { phase, reason, message, conditions: known, startTime };
}

function podPhase(facts: PodFacts): NonNullable<PodStatus['phase']> {
  const { restartPolicy } = facts.pod.spec;
  const failedInit = facts.initContainers.some(
    (status) => !isSidecar(facts.pod, status.name) && (status.state.terminated?.exitCode ?? 0) > 0,
  );
  if (failedInit && restartPolicy === 'Never') return 'Failed';
  if (!isInitialized(facts)) return 'Pending';
  if (facts.containers.some(isNew)) return 'Pending';
  if (facts.containers.some(({ state }) => state.running)) return 'Running';
  const isHelped = facts.initContainers.some(
    ({ name, state }) => isSidecar(facts.pod, name) && state.running,
  );
  if (isHelped) return 'Running';
  if (facts.isTerminating || restartPolicy !== 'Always') {
    if (facts.containers.some(({ state }) => state.waiting)) return 'Running';
    const hasFailed = facts.containers.some(({ state }) => state.terminated?.exitCode !== 0);
    if (hasFailed)
      return restartPolicy === 'OnFailure' && !facts.isTerminating ? 'Running' : 'Failed';
    return 'Succeeded';
  }
  return 'Running';
}

function isNew({ state, lastState }: ContainerStatus): boolean {
  return state.waiting !== undefined && lastState?.terminated === undefined;
}

/** Whether the init containers have done their part: ended well, or started when they are sidecars. */
function isInitialized({ pod, initContainers }: Pick<PodFacts, 'pod' | 'initContainers'>): boolean {
  return unfinishedInit(pod, initContainers).length === 0;
}

function unfinishedInit(pod: Pod, statuses: readonly ContainerStatus[]): readonly string[] {
  return statuses
    .filter((status) =>
      isSidecar(pod, status.name)
        ? status.started !== true && !status.state.terminated && !status.lastState?.terminated
        : status.state.terminated?.exitCode !== 0,
    )
    .map(({ name }) => name);
}

function isSidecar(pod: Pod, name: string): boolean {
  const container = pod.spec.initContainers?.find((each) => each.name === name);
  return container?.restartPolicy === 'Always';
}

function conditions(facts: PodFacts, phase: string): readonly Condition[] {
  const { pod, initContainers, containers } = facts;
  const isDone = phase === 'Succeeded' || phase === 'Failed';
  const unfinished = unfinishedInit(pod, initContainers);
  const counted = [...initContainers.filter(({ name }) => isSidecar(pod, name)), ...containers];
  const unready = counted.filter(({ ready }) => !ready).map(({ name }) => name);
  const ready: Omit<Condition, 'type'> = isDone
    ? { status: 'False', reason: phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed' }
    : unready.length > 0
      ? {
          status: 'False',
          reason: 'ContainersNotReady',
          message: `containers with unready status: [${unready.join(' ')}]`,
        }
      : { status: 'True' };
  const initialized: Omit<Condition, 'type'> =
    unfinished.length > 0 && phase !== 'Succeeded'
      ? {
          status: 'False',
          reason: 'ContainersNotInitialized',
          message: `containers with incomplete status: [${unfinished.join(' ')}]`,
        }
      : { status: 'True', ...(phase === 'Succeeded' && { reason: 'PodCompleted' }) };
  const hasSandbox = facts.hasSandbox && !isDone;
  const own: readonly Condition[] = [
    { type: 'PodReadyToStartContainers', status: hasSandbox ? 'True' : 'False' },
    { type: 'Initialized', ...initialized },
    { type: 'Ready', ...withGates(pod, ready) },
    { type: 'ContainersReady', ...ready },
    { type: 'PodScheduled', status: 'True' },
    ...(facts.resize ? [facts.resize] : []),
  ];
  const before = pod.status.conditions ?? [];
  const others = before.filter(
    ({ type }) => type !== 'PodResizePending' && !own.some((condition) => condition.type === type),
  );
  return [...own.map((condition) => stamped(condition, before, facts)), ...others];
}

/** Whether the pod counts as ready, as far as others have a say in it (Kubernetes documentation, "Pod Lifecycle": pod readiness). */
function withGates({ spec, status }: Pod, ready: Omit<Condition, 'type'>): Omit<Condition, 'type'> {
  if (ready.status !== 'True') return ready;
  const problems = (spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const known = status.conditions?.find(({ type }) => type === conditionType);
    if (!known) {
      return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    }
    return known.status === 'True'
      ? []
      : [`the status of pod readiness gate "${conditionType}" is not "True", but ${known.status}`];
  });
  if (problems.length === 0) return ready;
  return { status: 'False', reason: 'ReadinessGatesNotReady', message: problems.join(', ') };
}

function stamped(condition: Condition, before: readonly Condition[], facts: PodFacts): Condition {
  const old = before.find(({ type }) => type === condition.type);
  const since = old?.status === condition.status ? old.lastTransitionTime : undefined;
  const { generation } = facts.pod.metadata;
  return {
    ...condition,
    ...(generation !== undefined && { observedGeneration: generation }),
    lastTransitionTime: since ?? facts.now,
  };
}

/** Quality of service (Kubernetes, "Pod Quality of Service Classes"). */
function qosClass(containers: readonly Container[]): string {
  const names = ['cpu', 'memory'];
  const isEmpty = containers.every(
    ({ resources }) =>
      Object.keys(resources?.requests ?? {}).length +
        Object.keys(resources?.limits ?? {}).length ===
      0,
  );
  if (isEmpty) return 'BestEffort';
  const isGuaranteed = containers.every(({ resources }) =>
    names.every((name) => {
      const limit = resources?.limits?.[name];
      return limit !== undefined && (resources?.requests?.[name] ?? limit) === limit;
    }),
  );
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}
