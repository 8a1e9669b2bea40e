import type { Locale } from '#protocol';

import type { Cluster, Provider, StartingState } from '../../provision/index.ts';
import type { Lab } from '../labs/lab.ts';
import type { Sandbox, SandboxFactory } from '../sandbox/sandbox.ts';
import type { Store } from '../store/store.ts';
import { HomeKeeper } from './home-keeper.ts';

/** What a session's cluster and sandbox are made with. */
export interface StartOptions {
  readonly store: Store;
  readonly provider: Provider;
  readonly sandboxes: SandboxFactory;
  readonly onProblem: (session: string, problem: string) => void;
}

/** What a session works with. */
export interface StartedSession {
  readonly cluster: Cluster;
  readonly sandbox: Sandbox;
  readonly home: HomeKeeper;
}

/** The cluster as the session left it, or a fresh one, and a sandbox that reaches it, with the home that it left. */
export async function startSession(
  options: StartOptions,
  session: { readonly id: string; readonly lab: Lab; readonly locale: Locale },
): Promise<StartedSession> {
  const cluster = await startCluster(options, session.id, session.lab);
  try {
    const kubeconfig = cluster.learnerKubeconfig;
    const { locale, lab } = session;
    const sandbox = await options.sandboxes.create({ kubeconfig, locale, usesDns: lab.usesDns });
    return { cluster, sandbox, home: await bringHome(options, session.id, sandbox) };
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}

async function bringHome(
  { store, onProblem }: StartOptions,
  id: string,
  sandbox: Sandbox,
): Promise<HomeKeeper> {
  const keeper = new HomeKeeper({
    sandbox,
    filledMs: Date.now(),
    store: (archive) => store.saveHome(id, archive),
    onProblem: (problem) => onProblem(id, problem),
  });
  try {
    const archive = await store.home(id);
    if (archive) await keeper.restore(archive);
    return keeper;
  } catch (error) {
    await sandbox[Symbol.asyncDispose]();
    throw error;
  }
}

/** What the lab's `needs` mean for its cluster. */
export function startingStateOf(lab: Lab): StartingState {
  const hasBookinfo = lab.needs.includes('bookinfo');
  return { istio: hasBookinfo || lab.needs.includes('istio') ? 'demo' : 'none', hasBookinfo };
}

async function startCluster(
  { provider, store, onProblem }: StartOptions,
  id: string,
  lab: Lab,
): Promise<Cluster> {
  const startingState = startingStateOf(lab);
  const snapshot = await store.snapshot(id);
  if (!snapshot) return provider.create({ startingState });
  try {
    return await provider.create({ startingState, snapshot });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    onProblem(id, `Cannot go on from the stored cluster, so a fresh one is used: ${why}`);
    return provider.create({ startingState });
  }
}
