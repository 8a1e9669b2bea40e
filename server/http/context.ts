import type { Lab, LabProblem } from '../labs/lab.ts';
import type { Logger } from '../log.ts';
import type { SandboxFactory } from '../sandbox/sandbox.ts';
import type { SessionManager } from '../session/session-manager.ts';
import type { Store } from '../store/store.ts';
import type { LabViews } from './lab-view.ts';
import type { Previews } from './previews.ts';

/** What the routes and the sockets work with. */
export interface ServerContext {
  readonly listenHost: string;
  readonly version: string;
  readonly pageFolder: string;
  readonly labs: readonly Lab[];
  readonly problems: readonly LabProblem[];
  readonly views: LabViews;
  readonly store: Store;
  readonly sessions: SessionManager;
  readonly sandboxes: SandboxFactory;
  readonly previews: Previews;
  readonly log: Logger;
}
