import type { StartingState } from '../../provision/index.ts';
import { prepareSelfCheck, readConfig } from '../../server/index.ts';
import { openLearnerBox } from '../../server/learner-shell.ts';
import type { SelfCheckTools } from '../../server/self-check/play-lab.ts';
import { type Difference, playSteps } from '../contract/play-steps.ts';
import type { Transcript } from '../contract/transcript.ts';
import { OneShell } from './one-shell.ts';

/** Plays tasks of Istio's documentation as a learner does: each in a sandbox, at a cluster of its own. */
export class TaskPlayer implements AsyncDisposable {
  readonly #tools: SelfCheckTools;
  readonly #stack: AsyncDisposableStack;

  private constructor(tools: SelfCheckTools, stack: AsyncDisposableStack) {
    this.#tools = tools;
    this.#stack = stack;
  }

  /** @throws SandboxError where no shell can be confined */
  static async open(): Promise<TaskPlayer> {
    await using stack = new AsyncDisposableStack();
    const { tools } = stack.use(await prepareSelfCheck(readConfig({}, {})));
    return new TaskPlayer(tools, stack.move());
  }

  /**
   * Types a transcript into one shell, in the folder of Istio's release.
   * @returns the first difference; undefined when every command printed what it must
   */
  async play({ name, needs, steps }: Transcript): Promise<Difference | undefined> {
    const problems: string[] = [];
    await using box = await openLearnerBox(
      this.#tools,
      { startingState: startingState(needs), usesDns: false },
      (problem) => problems.push(problem),
    );
    if (problems.length > 0) throw new Error(`Cannot play ${name}: ${problems.join('; ')}`);
    await using shell = await OneShell.open(box.sandbox);
    return await playSteps(steps, { namespace: 'default', run: (script) => shell.run(script) });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** What a cluster has before the page begins: nothing, or `istio` (with the profile demo) or another profile; `bookinfo`. */
function startingState(needs: readonly string[]): StartingState {
  const profile = (['minimal', 'default'] as const).find((one) => needs.includes(one));
  const hasBookinfo = needs.includes('bookinfo');
  if (profile) return { istio: profile, hasBookinfo };
  return { istio: needs.includes('istio') || hasBookinfo ? 'demo' : 'none', hasBookinfo };
}
