import type { Condition } from '../../../kinds/types/core.ts';

/** What stands in the way, as a condition says it. */
export interface Problem {
  readonly reason: string;
  readonly message: string;
}

/** A condition as it is wanted; with a problem its status is turned round. */
export interface Wanted {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  /** Without a problem. Default True. */
  readonly status?: 'True' | 'False';
  readonly problem?: Problem | undefined;
}

/** When a status is written, and for which generation of the object. */
export interface Stamp {
  readonly generation: number;
  /** RFC 3339. */
  readonly now: string;
}

/** The conditions in order of their types; one whose status stays keeps the time since when it has it. */
export function conditionsOf(
  wanted: readonly Wanted[],
  before: readonly Condition[],
  { generation, now }: Stamp,
): readonly Condition[] {
  const own = new Map(
    wanted.map(({ type, reason, message, status = 'True', problem }) => {
      const value = problem ? inverse(status) : status;
      const old = before.find((one) => one.type === type && one.status === value);
      const condition: Condition = {
        type,
        status: value,
        reason: problem?.reason ?? reason,
        message: problem?.message ?? message,
        observedGeneration: generation,
        lastTransitionTime: old?.lastTransitionTime ?? now,
      };
      return [type, condition];
    }),
  );
  const others = before.filter(({ type }) => !own.has(type) && type !== 'Pending');
  return [...others, ...own.values()].toSorted((one, other) => (one.type < other.type ? -1 : 1));
}

function inverse(status: 'True' | 'False'): 'True' | 'False' {
  return status === 'True' ? 'False' : 'True';
}

/** Problems of the same place as one, with the reason of the first. */
export function joined(problems: readonly (Problem | undefined)[]): Problem | undefined {
  const all = problems.filter((one) => one !== undefined);
  const [first] = all;
  return first && { reason: first.reason, message: all.map(({ message }) => message).join('; ') };
}
