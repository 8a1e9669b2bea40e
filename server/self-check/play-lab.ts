import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { Locale } from '#protocol';

import type { Provider } from '../../provision/index.ts';
import {
  type CheckResult,
  ClusterChecks,
  fillSentence,
  findVerifier,
  type Verifier,
} from '../../verifiers/index.ts';
import { readLocalFile } from '../labs/files.ts';
import type { Lab, Step } from '../labs/lab.ts';
import { loadRenderer } from '../labs/markdown/load-renderer.ts';
import type { LessonRenderer } from '../labs/markdown/render.ts';
import type { Sandbox, SandboxFactory } from '../sandbox/sandbox.ts';
import { connectAddresses, connectDns } from '../session/addresses.ts';
import { isFinishedBy } from '../session/progress.ts';
import { startingStateOf } from '../session/start-session.ts';
import { ShellDriver } from './shell-driver.ts';

/** Longest time for one block of commands; a real installation takes some minutes. */
const BLOCK_LIMIT_MS = 300_000;
/** Longest time from the last command to checks that have passed. */
const SETTLE_LIMIT_MS = 60_000;
const POLL_MS = 300;

/** How one step went. */
export interface StepReport {
  readonly lab: string;
  readonly locale: Locale;
  /** From 1. */
  readonly step: number;
  readonly title: string;
  readonly durationMs: number;
  /** Whose fault: `lab` (text, solution or verifier), `platform` (cluster or sandbox), or nobody's. */
  readonly fault?: 'lab' | 'platform';
  readonly problem?: string;
  /** What the terminal showed last, when a command is to blame. */
  readonly output?: string;
}

/** What a self-check plays labs with. */
export interface SelfCheckTools {
  readonly provider: Provider;
  readonly sandboxes: SandboxFactory;
}

/**
 * Plays a lab in one language on a fresh cluster, step by step: before the commands the step's verifier says no, after
 * them yes. Stops at the first step that breaks, since the next ones build on it.
 * @yields each step's report as soon as it is known
 */
export async function* playLab(
  lab: Lab,
  locale: Locale,
  { provider, sandboxes }: SelfCheckTools,
): AsyncGenerator<StepReport> {
  const about = { lab: lab.id, locale };
  await using stack = new AsyncDisposableStack();
  let player: Player;
  try {
    const cluster = stack.use(await provider.create({ startingState: startingStateOf(lab) }));
    const kubeconfig = cluster.learnerKubeconfig;
    const { usesDns } = lab;
    const sandbox = stack.use(await sandboxes.create({ kubeconfig, locale, usesDns }));
    if (usesDns) await connectDns(cluster, sandbox, () => undefined);
    stack.use(connectAddresses(cluster, sandbox, () => undefined));
    player = {
      lab,
      locale,
      sandbox,
      checks: stack.use(new ClusterChecks(cluster.serverKubeconfig)),
      shell: stack.use(new ShellDriver(sandbox)),
      renderer: await loadRenderer(),
    };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    yield { ...about, step: 0, title: 'set-up', durationMs: 0, fault: 'platform', problem };
    return;
  }
  if (lab.intro) await playText(player, lab.intro.text);
  for (const [index, step] of lab.steps.entries()) {
    const startMs = performance.now();
    // Steps build on each other: one after the other is the point.
    const failure = await playStep(player, step);
    const durationMs = Math.round(performance.now() - startMs);
    yield { ...about, step: index + 1, title: step.title.en, durationMs, ...failure };
    if (failure) return;
  }
}

interface Player {
  readonly lab: Lab;
  readonly locale: Locale;
  readonly sandbox: Sandbox;
  readonly checks: ClusterChecks;
  readonly shell: ShellDriver;
  readonly renderer: LessonRenderer;
}

type Failure = Pick<StepReport, 'fault' | 'problem' | 'output'>;

async function playStep(player: Player, step: Step): Promise<Failure | undefined> {
  const verifier = findVerifier(step.verifier);
  if (verifier && isFinishedBy(await player.checks.run(verifier))) {
    return { fault: 'lab', problem: 'The verifier says yes before anything was done' };
  }
  const broken = await (step.solution === undefined
    ? playText(player, step.text)
    : playBlocks(player, [await readFile(path.join(player.lab.folder, step.solution), 'utf8')]));
  if (broken) return broken;
  return verifier ? waitForYes(player, verifier) : undefined;
}

async function playText(player: Player, name: string): Promise<Failure | undefined> {
  const file = await readLocalFile(player.lab, name, player.locale);
  const { actions } = player.renderer.render(file?.text ?? '');
  const blocks = actions.flatMap((action) => (action.type === 'exec' ? [action.text] : []));
  return playBlocks(player, blocks);
}

async function playBlocks(player: Player, blocks: readonly string[]): Promise<Failure | undefined> {
  for (const block of blocks) {
    const { code, output } = await player.shell.run(block.trimEnd(), BLOCK_LIMIT_MS);
    if (code === 0) continue;
    const how =
      code === undefined
        ? `did not end within ${BLOCK_LIMIT_MS / 1000} s`
        : `ended with status ${code}`;
    return { fault: 'lab', problem: `The command «${block.trim()}» ${how}`, output };
  }
  return undefined;
}

async function waitForYes(player: Player, verifier: Verifier): Promise<Failure | undefined> {
  const endMs = performance.now() + SETTLE_LIMIT_MS;
  let results: readonly CheckResult[] = [];
  while (performance.now() < endMs) {
    results = await player.checks.run(verifier);
    if (isFinishedBy(results)) return undefined;
    await delay(POLL_MS);
  }
  const reasons = results.flatMap((result) =>
    result.isPassed ? [] : [`${result.check}: ${sentenceOf(verifier, result, player.locale)}`],
  );
  return {
    fault: 'lab',
    problem: `The verifier still says no after the solution: ${reasons.join('; ')}`,
  };
}

function sentenceOf(
  verifier: Verifier,
  result: CheckResult & { readonly isPassed: false },
  locale: Locale,
): string {
  const sentence = verifier.texts[locale].reasons[result.reason];
  return sentence === undefined
    ? `(no ${locale} text for the reason "${result.reason}")`
    : fillSentence(sentence, result.params);
}
