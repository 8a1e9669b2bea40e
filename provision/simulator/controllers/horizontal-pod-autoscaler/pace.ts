/** How far an autoscaler goes at once (Kubernetes documentation, "Configurable scaling behavior"). */
import type { HorizontalPodAutoscaler, ScalingRules } from '../../kinds/types/policy.ts';
import type { NewCondition } from '../conditions.ts';
import { readyForScale, stabilized, within } from './verdict-conditions.ts';

/** For so long the highest recommendation counts before fewer replicas are wanted (--horizontal-pod-autoscaler-downscale-stabilization). */
const STABILIZATION_MS = 300_000;
/** Without rules of its own an autoscaler doubles at most, or goes to this many. */
const SCALE_UP_MINIMUM = 4;
/** The longest that a rule may look back (autoscaling/v2, stabilizationWindowSeconds and periodSeconds). */
const HISTORY_MS = 3_600_000;

/** What an autoscaler remembers of its past. */
export interface History {
  /** What the metrics asked for. */
  readonly recommendations: readonly { readonly atMs: number; readonly replicas: number }[];
  /** Replicas added (positive) and taken away (negative). */
  readonly changes: readonly { readonly atMs: number; readonly replicas: number }[];
}

export const NO_HISTORY: History = { recommendations: [], changes: [] };

export interface Pace {
  readonly replicas: number;
  /** AbleToScale and ScalingLimited. */
  readonly conditions: readonly NewCondition[];
}

/** Forgets what no rule can ask for any more. */
export function trimmed({ recommendations, changes }: History, nowMs: number): History {
  const isRecent = ({ atMs }: { readonly atMs: number }) => nowMs - atMs < HISTORY_MS;
  return { recommendations: recommendations.filter(isRecent), changes: changes.filter(isRecent) };
}

/** The number of replicas that may be set now, `wanted` being what metrics ask for; the newest recommendation is in the history. */
export function paced(
  { spec }: HorizontalPodAutoscaler,
  {
    current,
    wanted,
    nowMs,
  }: { readonly current: number; readonly wanted: number; readonly nowMs: number },
  history: History,
): Pace {
  const { minReplicas = 1, maxReplicas, behavior } = spec;
  const limits = { current, minReplicas, maxReplicas };
  const calm = behavior
    ? calmed(behavior, { current, wanted, nowMs }, history)
    : Math.max(wanted, ...inWindow(history.recommendations, nowMs, STABILIZATION_MS));
  const able =
    calm === wanted ? readyForScale() : stabilized(behavior && wanted >= current ? 'up' : 'down');
  const { replicas, condition } = behavior
    ? limitedByRules(calm, limits, { behavior, nowMs, changes: history.changes })
    : limitedByDefault(calm, limits);
  return { replicas, conditions: [able, condition] };
}

function inWindow(
  entries: History['recommendations'],
  nowMs: number,
  windowMs: number,
): readonly number[] {
  return entries.filter(({ atMs }) => nowMs - atMs < windowMs).map(({ replicas }) => replicas);
}

type Behavior = NonNullable<HorizontalPodAutoscaler['spec']['behavior']>;

/** Not above the lowest recommendation of the one window, nor below the highest of the other. */
function calmed(
  { scaleUp, scaleDown }: Behavior,
  {
    current,
    wanted,
    nowMs,
  }: { readonly current: number; readonly wanted: number; readonly nowMs: number },
  { recommendations }: History,
): number {
  const upMs = (scaleUp?.stabilizationWindowSeconds ?? 0) * 1000;
  const downMs = (scaleDown?.stabilizationWindowSeconds ?? STABILIZATION_MS / 1000) * 1000;
  const lowest = Math.min(wanted, ...inWindow(recommendations, nowMs, upMs));
  const highest = Math.max(wanted, ...inWindow(recommendations, nowMs, downMs));
  return Math.min(Math.max(current, lowest), highest);
}

interface Limits {
  readonly current: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

interface Limited {
  readonly replicas: number;
  readonly condition: NewCondition;
}

function limitedByDefault(wanted: number, { current, minReplicas, maxReplicas }: Limits): Limited {
  const fastest = Math.max(2 * current, SCALE_UP_MINIMUM);
  const most = Math.min(maxReplicas, fastest);
  if (wanted < minReplicas) return { replicas: minReplicas, condition: within('TooFewReplicas') };
  if (wanted <= most) return { replicas: wanted, condition: within('DesiredWithinRange') };
  return {
    replicas: most,
    condition: within(maxReplicas > fastest ? 'ScaleUpLimit' : 'TooManyReplicas'),
  };
}

function limitedByRules(
  wanted: number,
  { current, minReplicas, maxReplicas }: Limits,
  rules: {
    readonly behavior: Behavior;
    readonly nowMs: number;
    readonly changes: History['changes'];
  },
): Limited {
  const { behavior } = rules;
  if (wanted > current) {
    const fastest = Math.max(current, furthest(behavior.scaleUp, 'up', current, rules));
    const most = Math.min(maxReplicas, fastest);
    if (wanted > most) {
      const reason = maxReplicas > fastest ? 'ScaleUpLimit' : 'TooManyReplicas';
      return { replicas: most, condition: within(reason) };
    }
  } else if (wanted < current) {
    const fastest = Math.min(current, furthest(behavior.scaleDown, 'down', current, rules));
    const least = Math.max(minReplicas, fastest);
    if (wanted < least) {
      const reason = minReplicas < fastest ? 'ScaleDownLimit' : 'TooFewReplicas';
      return { replicas: least, condition: within(reason) };
    }
  }
  return { replicas: wanted, condition: within('DesiredWithinRange') };
}

/** How far the policies let go from `current`, counted from the start of each one's period. */
function furthest(
  rules: ScalingRules | undefined,
  direction: 'up' | 'down',
  current: number,
  { nowMs, changes }: { readonly nowMs: number; readonly changes: History['changes'] },
): number {
  const { selectPolicy = 'Max', policies = [] } = rules ?? {};
  if (selectPolicy === 'Disabled') return current;
  const sign = direction === 'up' ? 1 : -1;
  const reached = policies.map(({ type, value, periodSeconds }) => {
    const changed = inWindow(changes, nowMs, periodSeconds * 1000);
    const start = current - changed.reduce((sum, replicas) => sum + replicas, 0);
    if (type === 'Pods') return start + sign * value;
    const share = start * (1 + (sign * value) / 100);
    return direction === 'up' ? Math.ceil(share) : Math.trunc(share);
  });
  const isFarWanted = selectPolicy === 'Max';
  const isHighest = (direction === 'up') === isFarWanted;
  return isHighest ? Math.max(...reached) : Math.min(...reached);
}
