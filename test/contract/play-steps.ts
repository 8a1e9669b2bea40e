import { setTimeout as pause } from 'node:timers/promises';

import { isAsExpected } from './expectation.ts';
import type { Step } from './transcript.ts';

/** A command that printed something else than its transcript says. */
export interface Difference {
  /** `$ command` of the step, and the line it stands at. */
  readonly command: string;
  readonly line: number;
  readonly expected: string;
  readonly actual: string;
}

/** Where steps are played. */
export interface Stage {
  /** What `{namespace}` stands for. */
  readonly namespace: string;
  /** Gives what a command prints on both outputs, and its status as `withStatus` says it. */
  readonly run: (script: string) => Promise<string>;
}

const REPEAT_LIMIT_MS = 30_000;
const FIRST_PAUSE_MS = 250;
/** Pauses grow to this: a client that asks again takes the machine from those that others run. */
const LONGEST_PAUSE_MS = 1_000;

/**
 * Plays steps one after the other; those that are repeated, until they print what they must.
 * @returns the first difference; undefined when every command printed what it must
 */
export async function playSteps(
  steps: readonly Step[],
  stage: Stage,
): Promise<Difference | undefined> {
  for (const step of steps) {
    const difference = await playStep(step, stage);
    if (difference) return difference;
  }
  return undefined;
}

async function playStep(step: Step, { namespace, run }: Stage): Promise<Difference | undefined> {
  const deadline = Date.now() + (step.isRepeated ? REPEAT_LIMIT_MS : 0);
  let pauseMs = FIRST_PAUSE_MS;
  let actual = await run(step.script);
  while (!isAsExpected(step.expected, actual, namespace)) {
    if (Date.now() >= deadline) {
      const { line, script, expected } = step;
      return { line, command: `$ ${script}`, expected: expected.join('\n'), actual };
    }
    await pause(pauseMs);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    actual = await run(step.script);
  }
  return undefined;
}

/** An output as transcripts have it: a last line `[exit 1]` tells of a status that is not 0. */
export function withStatus(output: string, status: number): string {
  if (status === 0) return output;
  const gap = output === '' || output.endsWith('\n') ? '' : '\n';
  return `${output}${gap}[exit ${status}]\n`;
}
